using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording.Traces;

/// <summary>
/// Empties the loops' rings into the exporter, on a thread of its own. While an export is under way the rings fill up;
/// what does not fit is dropped by the loops.
/// </summary>
internal sealed class SpanSender : IDisposable
{
    private readonly RecordRing[] _rings;
    private readonly ISpanExporter _exporter;
    private readonly TraceTotals _totals;
    private readonly ILogger _logger;
    private readonly WriterThread _thread;
    private readonly byte[] _joined = new byte[RecordingLimits.LineBytes];
    private readonly List<SpanRecord> _batch = [];
    private int _spans;

    public SpanSender(RecordRing[] rings, ISpanExporter exporter, TraceTotals totals, ILogger logger)
    {
        _rings = rings;
        _exporter = exporter;
        _totals = totals;
        _logger = logger;
        _thread = new WriterThread("span-sender", RecordingLimits.SpanPoll, SendAll);
    }

    public void Start() => _thread.Start();

    /// <summary>As <see cref="WriterThread.Wake"/>.</summary>
    public void Wake() => _thread.Wake();

    /// <summary>Sends what is in the rings, unless that takes too long.</summary>
    public void Dispose()
    {
        if (!_thread.TryStop()) return;
        _exporter.Dispose();
        _thread.Dispose();
    }

    private void SendAll()
    {
        foreach (var ring in _rings)
        {
            int length = ring.Peek(out var first, out var second);
            for (int at = 0; at < length;)
            {
                var record = RecordAt(first, second, at);
                at += record.Length;
                var exchange = new SpanRecord(record);
                _batch.Add(exchange);
                _spans += 1 + exchange.Tries.Length;
                if (_spans >= RecordingLimits.SpansPerExport) Send();
            }
            ring.Release(length);
        }
        if (_batch.Count > 0) Send();
    }

    /// <summary>A record that the ring's end cuts in two is joined first, its length included.</summary>
    private ReadOnlySpan<byte> RecordAt(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int at)
    {
        if (at >= first.Length)
        {
            var rest = second[(at - first.Length)..];
            return rest[..SpanRecord.LengthOf(rest)];
        }
        var start = first[at..];
        if (start.Length >= sizeof(int) && SpanRecord.LengthOf(start) <= start.Length)
            return start[..SpanRecord.LengthOf(start)];
        start.CopyTo(_joined);
        int more = Math.Min(second.Length, _joined.Length - start.Length);
        second[..more].CopyTo(_joined.AsSpan(start.Length));
        return _joined.AsSpan(0, SpanRecord.LengthOf(_joined));
    }

    private void Send()
    {
        bool isTaken;
        try
        {
            isTaken = _exporter.Export(_batch);
        }
        catch (Exception defect)
        {
            // Nobody else would notice: the thread must outlive whatever an exporter throws.
            isTaken = false;
            TraceMessages.Defect(_logger, defect);
        }
        _totals.Sent(_spans, isTaken);
        if (!isTaken) TraceMessages.NotExported(_logger, _spans);
        _batch.Clear();
        _spans = 0;
    }
}
