using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>One loop's end of the access log. That loop's thread only; 0 bytes.</summary>
internal sealed class AccessLogShard(ILogLineFormat format, LogRules rules, TimeProvider time, uint seed)
{
    private readonly LogClock _clock = new(time);
    private readonly LogFragments _fragments = new(rules);
    private readonly LogRedactor _redactor = new(rules);
    private uint _random = seed | 1;

    public RecordRing Ring { get; } = new();

    /// <summary>Draws whether an exchange is logged.</summary>
    public bool Takes(in ExchangeRecord record)
    {
        if (rules.TakesAll) return true;
        ulong threshold = ThresholdOf(record);
        return threshold == LogRules.All || Draw() < threshold;
    }

    /// <summary>False when the ring is full and the line was dropped.</summary>
    public bool TryAppend(in ExchangeRecord record, out bool isHalfFull)
    {
        var fields = default(LogFields);
        ExchangeFields.Fill(ref fields, record, this);
        return TryAppend(fields, out isHalfFull);
    }

    public bool TryAppend(in LogFields fields, out bool isHalfFull)
    {
        isHalfFull = true;
        if (!Ring.TryReserve(out var space)) return false;
        isHalfFull = Ring.Commit(format.Write(fields, _clock, space));
        return true;
    }

    /// <summary>The format writes fields of the request's head.</summary>
    public bool WantsFields { get; } = format.WantsFields;

    public bool LogsQuery => rules.LogsQuery;

    public LogFragments Fragments => _fragments;

    public LogRedactor Redactor => _redactor;

    private ulong ThresholdOf(in ExchangeRecord record)
    {
        var side = ErrorTable.Of(record.Outcome).Side;
        if (record.StatusCode >= 500 || side is FaultSide.Upstream or FaultSide.Gateway) return rules.Errors;
        if (rules.ClientErrors is { } errors && (record.StatusCode >= 400 || side == FaultSide.Client)) return errors;
        return record.Exchange.Route is { } route ? _fragments.Of(route).Threshold : rules.Default;
    }

    /// <summary>Xorshift32: no exchange can be predicted into or out of a log by counting, as with every nth.</summary>
    private uint Draw()
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return _random;
    }
}
