namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>What an epoll registration stands for. Called on the loop's thread, never after its removal.</summary>
internal interface IEpollTarget
{
    /// <summary><paramref name="events"/> is the kernel's mask, see <see cref="Native.EpollEvents"/>.</summary>
    void OnReady(uint events);

    /// <summary>The loop ends: give the descriptor up at once.</summary>
    void OnLoopEnd();
}
