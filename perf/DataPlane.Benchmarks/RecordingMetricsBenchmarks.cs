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
    private static readonly HistogramBounds s_bounds =
        new(HistogramBounds.Standard, TimeProvider.System.TimestampFrequency);

    private static readonly byte[] s_listener = "public"u8.ToArray();
    private static readonly byte[] s_route = "route-42"u8.ToArray();
    private static readonly byte[] s_upstream = "users"u8.ToArray();
    private static readonly byte[] s_endpoint = "http://127.0.0.1:9001"u8.ToArray();

    private readonly ShardedCounter _counter = new(2);
    private readonly LatencyHistogram _histogram = new(s_bounds);
    private readonly ExchangeMetrics _metrics = new(2, TimeProvider.System);
    private readonly MetricsPage _page;
    private readonly ArrayBufferWriter<byte> _output = new(8 << 20);
    private long _ticks;

    public RecordingMetricsBenchmarks()
    {
        var metrics = new ExchangeMetrics(2, TimeProvider.System);
        // 1,200 routes of 2 histograms with 20 lines each, and their requests: 49,200 series and some.
        for (int route = 0; route < 1_200; route++)
            Record(metrics, route, Encoding.UTF8.GetBytes($"route-{route}"), NextTicks());
        _page = new MetricsPage(metrics);
    }

    [GlobalSetup]
    public void Check()
    {
        Counter();
        if (_counter.Read() != 1) throw new InvalidOperationException("the counter does not count");
        Histogram();
        var counts = new long[s_bounds.BucketCount];
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
    public void ProxiedExchange() => Record(_metrics, route: 42, s_route, NextTicks());

    /// <summary>A scrape of 50,000 series.</summary>
    [Benchmark]
    public int Page()
    {
        _output.ResetWrittenCount();
        _page.Write(_output, PrometheusFormat.OpenMetrics);
        return _output.WrittenCount;
    }

    private static void Record(ExchangeMetrics metrics, int route, byte[] id, long ticks)
    {
        var sample = new MetricSample
        {
            Shard = 1,
            ListenerIndex = 0,
            ListenerName = s_listener,
            RouteIndex = route,
            RouteId = id,
            Method = RequestMethod.Get,
            StatusCode = 200,
            Outcome = ExchangeOutcome.Completed,
            TotalTicks = ticks,
            UpstreamTicks = ticks - (ticks >> 3),
            EndpointIndex = 3,
            UpstreamName = s_upstream,
            EndpointAddress = s_endpoint,
        };
        metrics.Record(sample);
    }

    private long NextTicks() => _ticks = (_ticks + 7_919) & 0xfffff;
}
