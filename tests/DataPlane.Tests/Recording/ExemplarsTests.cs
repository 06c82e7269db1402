using System.Buffers;
using System.Diagnostics;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Http.Requests;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Recording;

public class ExemplarsTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    private readonly SetTime _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    [Fact]
    public void SampledTrace_IsAtItsBucketInOpenMetrics()
    {
        var metrics = new ExchangeMetrics(2, _time);
        Record(metrics, Trace, totalTicks: 3_000);
        _time.Advance(TimeSpan.FromSeconds(2));
        string page = Render(metrics, PrometheusFormat.OpenMetrics);
        Assert.Contains(
            "dataplane_http_request_duration_seconds_bucket{route=\"r\",le=\"0.005\"} 1"
            + $" # {{trace_id=\"{Trace}\"}} 0.003 1700000000.000\n",
            page, StringComparison.Ordinal);
        Assert.Single(page.Split(" # {").Skip(1));
    }

    [Fact]
    public void TextPage_HasNone()
    {
        var metrics = new ExchangeMetrics(2, _time);
        Record(metrics, Trace, totalTicks: 3_000);
        Assert.DoesNotContain("trace_id", Render(metrics, PrometheusFormat.Text), StringComparison.Ordinal);
    }

    [Fact]
    public void ExchangeWithoutSampledTrace_HasNone()
    {
        var metrics = new ExchangeMetrics(2, _time);
        Record(metrics, "", totalTicks: 3_000);
        Assert.DoesNotContain("trace_id", Render(metrics, PrometheusFormat.OpenMetrics), StringComparison.Ordinal);
    }

    [Fact]
    public void SecondWithinTheSecond_IsNotKept()
    {
        var metrics = new ExchangeMetrics(2, _time);
        Record(metrics, Trace, 3_000);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        string other = Trace.Replace('0', '1');
        Record(metrics, other, 3_001);
        Assert.Contains(Trace, Render(metrics, PrometheusFormat.OpenMetrics), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Record(metrics, other, 3_001);
        Assert.Contains(other, Render(metrics, PrometheusFormat.OpenMetrics), StringComparison.Ordinal);
    }

    [Fact]
    public void TwoLoops_TheYoungerOneIsShown()
    {
        var metrics = new ExchangeMetrics(2, _time);
        Record(metrics, Trace, 3_000, shard: 1);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        string younger = Trace.Replace('0', '1');
        Record(metrics, younger, 3_000, shard: 0);
        Assert.Contains(younger, Render(metrics, PrometheusFormat.OpenMetrics), StringComparison.Ordinal);
    }

    [Fact]
    public void WarmSlot_KeepsWithoutAllocating()
    {
        var exemplars = new Exemplars(4);
        byte[] trace = Encoding.ASCII.GetBytes(Trace);
        exemplars.Offer(1, trace, 1, 1, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int each = 2; each < 1_000; each++) exemplars.Offer(1, trace, each, each, 1);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task ReadWhileWritten_IsNeverHalfOfTwo()
    {
        var exemplars = new Exemplars(1);
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            byte[] trace = new byte[Exemplars.TraceIdBytes];
            for (long each = 1; !stop.IsCancellationRequested; each++)
            {
                trace.AsSpan().Fill((byte)('a' + (each % 6)));
                exemplars.Offer(0, trace, each % 6, each, 1);
            }
        });
        byte[] read = new byte[Exemplars.TraceIdBytes];
        int seen = 0;
        long start = Stopwatch.GetTimestamp();
        // However busy the machine is, the writer gets its turn within this time.
        while (seen < 100_000 && Stopwatch.GetElapsedTime(start) < Eventually.Patience)
        {
            if (!exemplars.TryRead(0, than: 0, read, out long value, out long _)) continue;
            seen++;
            Assert.False(read.AsSpan().ContainsAnyExcept((byte)('a' + value)), "bytes of two exchanges");
        }
        await stop.CancelAsync();
        await writer;
        Assert.True(seen > 0);
    }

    private void Record(ExchangeMetrics metrics, string trace, long totalTicks, int shard = 0)
    {
        var sample = new MetricSample
        {
            Shard = shard,
            ListenerIndex = 0,
            ListenerName = "public"u8.ToArray(),
            RouteIndex = 0,
            RouteId = "r"u8.ToArray(),
            Method = RequestMethod.Get,
            StatusCode = 200,
            Outcome = ExchangeOutcome.Completed,
            TotalTicks = totalTicks,
            UpstreamTicks = 0,
            TraceId = Encoding.ASCII.GetBytes(trace),
            EndTimestamp = _time.Timestamp,
        };
        metrics.Record(sample);
    }

    private static string Render(ExchangeMetrics metrics, PrometheusFormat format)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(metrics).Write(output, format);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
