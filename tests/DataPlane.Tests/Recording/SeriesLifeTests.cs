using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Recording;

/// <summary>Which series are on the page: their limit, and their end.</summary>
public class SeriesLifeTests
{
    private readonly SetTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly SetScope _scope = new();

    [Fact]
    public void MoreSeriesThanTheLimit_GoIntoOtherAndAreCounted()
    {
        var metrics = Create(seriesLimit: 40);
        for (int route = 0; route < 60; route++) Record(metrics, route);
        string page = Render(metrics);
        Assert.Equal(41, Count(page, "dataplane_http_requests_total{"));
        Assert.Contains(
            "{listener=\"_other\",route=\"_other\",method=\"GET\",status_class=\"2xx\"} 20\n", page,
            StringComparison.Ordinal);
        // Two histograms of 20 lines fit, the others are one more.
        Assert.Equal(3, Count(page, "dataplane_http_request_duration_seconds_count{"));
        Assert.Contains("dataplane_http_request_duration_seconds_count{route=\"_other\"} 58\n", page);
        Assert.Contains("dataplane_metric_series_folded_total{metric=\"dataplane_http_requests_total\"} 20\n", page);
    }

    [Fact]
    public void SeriesOnceFolded_StaysThereAndItsOwnStayTheirs()
    {
        var metrics = Create(seriesLimit: 2);
        Record(metrics, 5);
        Record(metrics, 6);
        Render(metrics);
        // A lower index later: it must not push out a series that was there.
        Record(metrics, 1);
        string page = Render(metrics);
        Assert.Contains("route=\"r5\"", page, StringComparison.Ordinal);
        Assert.Contains("route=\"r6\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("route=\"r1\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void EndpointsBeyondTheLimit_ShareOneSeries()
    {
        var metrics = Create(seriesLimit: 3);
        for (int each = 0; each < 5; each++) Record(metrics, route: 0, endpoint: each);
        string page = Render(metrics);
        Assert.Contains(
            "dataplane_upstream_requests_total{upstream=\"_other\",endpoint=\"_other\",outcome=\"completed\"} 2\n",
            page);
        Assert.Contains("dataplane_upstream_request_duration_seconds_count{upstream=\"_other\"} 5\n", page);
    }

    [Fact]
    public void RouteGoneFromTheConfiguration_LeavesAfterTheTimeAndNotBefore()
    {
        var metrics = Create();
        Record(metrics, 1);
        Record(metrics, 2);
        Assert.Contains("route=\"r1\"", Render(metrics), StringComparison.Ordinal);
        _scope.Gone.Add(1);
        Render(metrics);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Contains("route=\"r1\"", Render(metrics), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(1));
        string page = Render(metrics);
        Assert.DoesNotContain("route=\"r1\"", page, StringComparison.Ordinal);
        Assert.Contains("route=\"r2\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void RouteThatComesBackInTime_KeepsItsCounts()
    {
        var metrics = Create();
        Record(metrics, 1);
        _scope.Gone.Add(1);
        Render(metrics);
        _time.Advance(TimeSpan.FromMinutes(9));
        _scope.Gone.Clear();
        Render(metrics);
        _scope.Gone.Add(1);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Contains("request_duration_seconds_count{route=\"r1\"} 1\n", Render(metrics), StringComparison.Ordinal);
    }

    [Fact]
    public void RouteThatComesBackLater_BeginsAtNothing()
    {
        var metrics = Create();
        Record(metrics, 1);
        Expire(metrics, 1);
        _scope.Gone.Clear();
        Record(metrics, 1);
        Assert.Contains("request_duration_seconds_count{route=\"r1\"} 1\n", Render(metrics), StringComparison.Ordinal);
    }

    [Fact]
    public void FoldedRouteThatLeaves_OtherDoesNotFall()
    {
        var metrics = Create(seriesLimit: 1);
        Record(metrics, 1);
        Record(metrics, 2);
        Record(metrics, 2);
        string other = "route=\"_other\",method=\"GET\",status_class=\"2xx\"} 2\n";
        Assert.Contains(other, Render(metrics), StringComparison.Ordinal);
        Expire(metrics, 2);
        string page = Render(metrics);
        Assert.Contains(other, page, StringComparison.Ordinal);
        Assert.Contains("request_duration_seconds_count{route=\"_other\"} 3\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void ExpiredRoute_MakesRoomForAnother()
    {
        var metrics = Create(seriesLimit: 1);
        Record(metrics, 1);
        Render(metrics);
        Expire(metrics, 1);
        Record(metrics, 3);
        Assert.Contains("route=\"r3\",method", Render(metrics), StringComparison.Ordinal);
    }

    [Fact]
    public void OneOfTwoEndpointsLeaves_TheUpstreamsHistogramKeepsItsPart()
    {
        var metrics = Create();
        Record(metrics, 0, endpoint: 1);
        Record(metrics, 0, endpoint: 2);
        Render(metrics);
        _scope.GoneEndpoints.Add(1);
        Render(metrics);
        _time.Advance(TimeSpan.FromMinutes(11));
        string page = Render(metrics);
        Assert.DoesNotContain("endpoint=\"http://e1\"", page, StringComparison.Ordinal);
        Assert.Contains("dataplane_upstream_request_duration_seconds_count{upstream=\"up\"} 2\n", page);
        _scope.GoneEndpoints.Add(2);
        Render(metrics);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.DoesNotContain("upstream=\"up\"", Render(metrics), StringComparison.Ordinal);
    }

    [Fact]
    public void FiftyThousandSeries_AreRenderedInAFractionOfASecond()
    {
        var metrics = Create();
        for (int route = 0; route < 1_200; route++) Record(metrics, route);
        var output = new ArrayBufferWriter<byte>(16 << 20);
        var page = new MetricsPage(metrics);
        var least = TimeSpan.MaxValue;
        for (int each = 0; each < 5; each++)
        {
            output.ResetWrittenCount();
            long start = Stopwatch.GetTimestamp();
            page.Write(output, PrometheusFormat.OpenMetrics);
            var took = Stopwatch.GetElapsedTime(start);
            if (took < least) least = took;
        }
        int lines = output.WrittenSpan.Count((byte)'\n');
        Assert.InRange(lines, 48_000, 60_000);
        // The target is 50 ms of a quiet machine; this bound only finds what is an order of magnitude worse.
        Assert.InRange(least.TotalMilliseconds, 0, 500);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{lines} lines rendered in {least.TotalMilliseconds:F1} ms"));
    }

    private ExchangeMetrics Create(int seriesLimit = 50_000) =>
        new(2, _time, new MetricsSettings { SeriesLimit = seriesLimit }, _scope);

    private void Expire(ExchangeMetrics metrics, int route)
    {
        _scope.Gone.Add(route);
        Render(metrics);
        _time.Advance(TimeSpan.FromMinutes(11));
        Render(metrics);
    }

    private static int Count(string page, string start) =>
        page.Split('\n').Count(line => line.StartsWith(start, StringComparison.Ordinal));

    private static void Record(ExchangeMetrics metrics, int route, int endpoint = -1)
    {
        var sample = new MetricSample
        {
            Shard = route % 2,
            ListenerIndex = 0,
            ListenerName = "public"u8.ToArray(),
            RouteIndex = route,
            RouteId = Encoding.UTF8.GetBytes($"r{route}"),
            Method = RequestMethod.Get,
            StatusCode = 200,
            Outcome = ExchangeOutcome.Completed,
            TotalTicks = 1_000,
            UpstreamTicks = 500,
            EndpointIndex = endpoint,
            UpstreamName = "up"u8.ToArray(),
            EndpointAddress = Encoding.UTF8.GetBytes($"http://e{endpoint}"),
        };
        metrics.Record(sample);
    }

    private static string Render(ExchangeMetrics metrics)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(metrics).Write(output, PrometheusFormat.Text);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private sealed class SetScope : ISeriesScope
    {
        public HashSet<int> Gone { get; } = [];

        public HashSet<int> GoneEndpoints { get; } = [];

        public void Refresh()
        {
            // The sets are changed by the tests.
        }

        public bool HasRoute(int stateIndex) => !Gone.Contains(stateIndex);

        public bool HasEndpoint(int stateIndex) => !GoneEndpoints.Contains(stateIndex);
    }
}
