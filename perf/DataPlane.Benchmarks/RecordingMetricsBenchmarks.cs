using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Http.Requests;

namespace DataPlane.Benchmarks;

/// <summary>What metrics cost: one number, one duration, everything that is counted about a proxied exchange.</summary>
public class RecordingMetricsBenchmarks
{
    private readonly ShardedCounter _counter = new(2);
    private readonly LatencyHistogram _histogram = new(LatencyBounds.InTicks(TimeProvider.System.TimestampFrequency));
    private readonly ExchangeMetrics _metrics = new(2, TimeProvider.System);
    private long _ticks;

    [GlobalSetup]
    public void Check()
    {
        Counter();
        if (_counter.Read() != 1) throw new InvalidOperationException("the counter does not count");
        Histogram();
        var counts = new long[LatencyBounds.BucketCount];
        long sum = 0;
        _histogram.AddTo(counts, ref sum);
        if (counts.Sum() != 1) throw new InvalidOperationException("the histogram does not count");
        ProxiedExchange();
        var page = new ArrayBufferWriter<byte>();
        new MetricsPage(_metrics).Write(page, PrometheusFormat.Text);
        if (!Encoding.UTF8.GetString(page.WrittenSpan).Contains("status_class=\"2xx\"} 1\n", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("the exchange is not on the page");
        }
    }

    [Benchmark]
    public void Counter() => _counter.Add(1, 1);

    /// <summary>Durations walk from 0 to about 1 ms, as those of a gateway do.</summary>
    [Benchmark]
    public void Histogram() => _histogram.Record(NextTicks());

    [Benchmark]
    public void ProxiedExchange()
    {
        long ticks = NextTicks();
        var sample = new MetricSample
        {
            Shard = 1,
            ListenerIndex = 0,
            ListenerName = "public"u8,
            RouteIndex = 42,
            RouteId = "get-user"u8,
            Method = RequestMethod.Get,
            StatusCode = 200,
            Outcome = ExchangeOutcome.Completed,
            TotalTicks = ticks,
            UpstreamTicks = ticks - (ticks >> 3),
            EndpointIndex = 3,
            UpstreamName = "users"u8,
            EndpointAddress = "http://127.0.0.1:9001"u8,
        };
        _metrics.Record(sample);
    }

    private long NextTicks() => _ticks = (_ticks + 7_919) & 0xfffff;
}
