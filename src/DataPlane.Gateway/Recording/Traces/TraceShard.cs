using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording.Traces;

/// <summary>One loop's end of the traces. That loop's thread only; 0 bytes.</summary>
internal sealed class TraceShard(LogRules rules)
{
    private readonly LogFragments _fragments = new(rules);
    private readonly LogRedactor _redactor = new(rules);

    public RecordRing Ring { get; } = new();

    /// <summary>False when the ring is full and the exchange was dropped.</summary>
    public bool TryAppend(in ExchangeRecord record, out bool isHalfFull)
    {
        isHalfFull = true;
        if (!Ring.TryReserve(out var space)) return false;
        isHalfFull = Ring.Commit(SpanRecordWriter.Write(record, PathOf(record.Exchange), space));
        return true;
    }

    private ReadOnlySpan<byte> PathOf(Exchange exchange)
    {
        uint hidden = exchange.Route is { } route ? _fragments.Of(route).HiddenCaptures : 0;
        return hidden == 0 ? exchange.Request.PathRange.Of(exchange.HeadBytes) : _redactor.Path(exchange, hidden);
    }
}
