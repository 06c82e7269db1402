namespace DataPlane.Gateway.Recording;

/// <summary>One loop's end of the access log. That loop's thread only; 0 bytes.</summary>
internal sealed class AccessLogShard(ILogLineFormat format, TimeProvider time, double sample, uint seed)
{
    private readonly LogClock _clock = new(time);

    /// <summary>Of 2^32 draws, how many are taken.</summary>
    private readonly ulong _taken = (ulong)(Math.Clamp(sample, 0, 1) * (1L << 32));
    private uint _random = seed | 1;

    public AccessLogRing Ring { get; } = new();

    public LogFragments Fragments { get; } = new();

    /// <summary>The format writes fields of the request's head.</summary>
    public bool WantsFields => format.WantsFields;

    /// <summary>Draws whether the next exchange is logged.</summary>
    public bool Takes()
    {
        if (_taken == 1UL << 32) return true;
        // Xorshift32: no exchange can be predicted into or out of a log by counting, as with every nth.
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return _random < _taken;
    }

    /// <summary>False when the ring is full and the line was dropped.</summary>
    public bool TryAppend(in LogFields fields, out bool isHalfFull)
    {
        isHalfFull = true;
        if (!Ring.TryReserve(out var space)) return false;
        isHalfFull = Ring.Commit(format.Write(fields, _clock, space));
        return true;
    }
}
