using DataPlane.Http;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// What is kept beside a stored head, so that a look-up need not read it. Times are loop milliseconds; ranges are the
/// stored head's.
/// </summary>
internal struct EntryMeta
{
    /// <summary>The head is no response but the names of Vary: the response is under a longer key.</summary>
    public bool IsSelector;

    /// <summary>Not to be used without asking first.</summary>
    public bool AsksAlways;

    public bool ForbidsStale;

    public short StatusCode;

    /// <summary>When the response arrived, or was last found to be right.</summary>
    public long ReceivedMs;

    /// <summary>How old it was then.</summary>
    public long InitialAgeMs;

    public long LifetimeMs;

    /// <summary>After the lifetime.</summary>
    public long StaleWhileRevalidateMs;

    public long StaleIfErrorMs;

    /// <summary>Seconds since 1970; -1 for none.</summary>
    public long LastModified;

    public long Date;

    public ByteRange ETag;

    public ByteRange LastModifiedText;

    public readonly long AgeMs(long nowMs) => InitialAgeMs + Math.Max(0, nowMs - ReceivedMs);

    /// <summary>What is left of the lifetime; negative when it is over.</summary>
    public readonly long LeftMs(long nowMs) => LifetimeMs - AgeMs(nowMs);

    public readonly bool HasValidator => !ETag.IsEmpty || LastModified >= 0;
}
