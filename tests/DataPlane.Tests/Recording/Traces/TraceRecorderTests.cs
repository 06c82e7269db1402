using System.Buffers;
using System.Globalization;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Recording.Traces;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Tests.Recording.Traces;

public sealed class TraceRecorderTests
{
    private const string Head =
        "GET /reset/s3cret HTTP/1.1\r\nHost: x\r\n"
        + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n";

    private readonly FakeSpanExporter _exporter = new();

    [Fact]
    public void Sampled_ReachesTheExporterRedacted()
    {
        using var exchange = Make();
        using (var recorder = Create())
        {
            recorder.Start();
            recorder.Record(exchange.Record(201));
        }
        var exported = Assert.Single(_exporter.Exported);
        Assert.Equal(("/reset/***", 201, "reset"), (exported.Path, exported.StatusCode, exported.Route));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", exported.TraceId);
        Assert.Equal(1_500_000, exported.EndTimestamp - exported.StartTimestamp);
        Assert.True(_exporter.IsDisposed);
    }

    [Fact]
    public void ExporterBlocks_ExchangesAreDroppedAndCountedAndNobodyWaits()
    {
        const int Exchanges = 5_000;
        using var exchange = Make();
        _exporter.Open.Reset();
        var recorder = Create();
        recorder.Start();
        for (int each = 0; each < Exchanges; each++) recorder.Record(exchange.Record(200));
        long dropped = Read(recorder, "dataplane_trace_spans_dropped_total{reason=\"queue_full\"}");
        Assert.True(dropped > 0, "a ring of 256 KiB took them all");
        _exporter.Open.Set();
        recorder.Dispose();
        Assert.Equal(Exchanges - dropped, _exporter.Exported.Count);
        Assert.Equal(Exchanges - dropped, Read(recorder, "dataplane_trace_spans_exported_total"));
    }

    [Fact]
    public void ExporterFailsOrThrows_IsCountedAndTheNextGoesThrough()
    {
        using var exchange = Make();
        var recorder = Create();
        recorder.Start();
        foreach (var failure in (Action<FakeSpanExporter>[])[each => each.Fails = true, each => each.Throws = true])
        {
            long before = Read(recorder, "dataplane_trace_spans_dropped_total{reason=\"export_failed\"}");
            failure(_exporter);
            recorder.Record(exchange.Record(200));
            Assert.True(SpinWait.SpinUntil(
                () => Read(recorder, "dataplane_trace_spans_dropped_total{reason=\"export_failed\"}") == before + 1,
                30_000));
        }
        _exporter.Fails = _exporter.Throws = false;
        recorder.Record(exchange.Record(200));
        recorder.Dispose();
        Assert.Single(_exporter.Exported);
    }

    [Fact]
    public void Record_AllocatesNothing()
    {
        using var sampled = Make();
        using var unsampled = new LoggedExchange("GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "a");
        using var recorder = Create();
        recorder.Record(sampled.Record(200));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int each = 0; each < 100; each++)
        {
            recorder.Record(sampled.Record(200));
            recorder.Record(unsampled.Record(200));
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>The rings' ends cut records at every byte, their lengths included.</summary>
    [Fact]
    public void ManyRounds_LoseAndMixNothing()
    {
        const int Exchanges = 20_000;
        using var exchange = Make();
        var recorder = Create();
        recorder.Start();
        int dropped = 0;
        for (int number = 0; number < Exchanges; number++)
        {
            exchange.Exchange.StartTimestamp = number;
            recorder.Record(exchange.Record(200));
        }
        recorder.Dispose();
        dropped += (int)Read(recorder, "dataplane_trace_spans_dropped_total{reason=\"queue_full\"}");
        Assert.Equal(Exchanges, _exporter.Exported.Count + dropped);
        long last = -1;
        foreach (var each in _exporter.Exported)
        {
            Assert.True(each.StartTimestamp > last);
            Assert.Equal("/reset/***", each.Path);
            last = each.StartTimestamp;
        }
    }

    private static LoggedExchange Make()
    {
        var exchange = new LoggedExchange(Head, "reset", ["code"]);
        exchange.Exchange.Match.Push(new(7, 6));
        var tracing = new TracingConfig
        {
            Sample = 1,
            Exporter = new SpanExporterConfig { Otlp = new Uri("http://127.0.0.1:4318") },
        };
        exchange.Exchange.Identify(traceContext: true, TraceSettings.Of(tracing));
        return exchange;
    }

    private TraceRecorder Create() => new(
        _exporter, new LogRedactionConfig { Captures = ["code"] }, loops: 1, NullLogger.Instance);

    private static long Read(TraceRecorder recorder, string series)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(recorder).Write(output, PrometheusFormat.Text);
        string line = Encoding.UTF8.GetString(output.WrittenSpan)
            .Split('\n').Single(each => each.StartsWith(series + " ", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture);
    }
}
