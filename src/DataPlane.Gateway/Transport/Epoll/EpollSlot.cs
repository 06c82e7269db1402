namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// One registration. The generation is part of the event's tag: an event that was already fetched for a descriptor
/// closed since, or for one of a forked child, finds another generation and is dropped.
/// </summary>
internal struct EpollSlot
{
    public IEpollTarget? Target;
    public uint Generation;

    /// <summary>Next free slot while this one is free, else -1.</summary>
    public int NextFree;
}
