using System.Buffers;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Recording;

public class ExchangeMetricsTests
{
    private static readonly byte[][] s_listeners = ["public"u8.ToArray(), "other"u8.ToArray()];
    private static readonly byte[] s_route = "users"u8.ToArray();
    private static readonly byte[] s_upstream = "up"u8.ToArray();
    private static readonly byte[][] s_endpoints =
        [.. Enumerable.Range(0, 5).Select(index => Encoding.ASCII.GetBytes($"http://e{index}"))];

    private readonly ExchangeMetrics _metrics = new(2, new SetTime(DateTimeOffset.UnixEpoch));

    [Fact]
    public void TwoLoopsCountOneRoute_OneSeriesHasBoth()
    {
        Record(shard: 0);
        Record(shard: 1);
        Record(shard: 1, status: 302);
        string page = Render();
        AssertHas(Requests("public", "users", "GET", "2xx") + " 2\n", page);
        AssertHas(Requests("public", "users", "GET", "3xx") + " 1\n", page);
        AssertHas("dataplane_http_request_duration_seconds_count{route=\"users\"} 3\n", page);
    }

    [Fact]
    public void NoRouteMatched_IsCountedAsNone()
    {
        Record(route: -1, status: 404, outcome: ExchangeOutcome.RouteNotFound);
        string page = Render();
        AssertHas(Requests("public", "_none", "GET", "4xx") + " 1\n", page);
        AssertHas("dataplane_rejected_requests_total{reason=\"route_not_found\"} 1\n", page);
    }

    [Theory]
    [InlineData(RequestMethod.Other, 200, "_other", "2xx")]
    [InlineData(RequestMethod.Query, 101, "QUERY", "1xx")]
    [InlineData(RequestMethod.Patch, 599, "PATCH", "5xx")]
    [InlineData(RequestMethod.Get, 999, "GET", "_other")]
    [InlineData(RequestMethod.Get, 42, "GET", "_other")]
    public void MethodAndStatus_BecomeLabels(RequestMethod method, int status, string methodLabel, string statusClass)
    {
        Record(method: method, status: status);
        AssertHas(Requests("public", "users", methodLabel, statusClass) + " 1\n", Render());
    }

    [Fact]
    public void NothingWasSent_OutcomeGivesTheClassAndIsNoRejection()
    {
        Record(status: 0, outcome: ExchangeOutcome.ClientAborted);
        string page = Render();
        AssertHas(Requests("public", "users", "GET", "4xx") + " 1\n", page);
        Assert.DoesNotContain("client_aborted", page, StringComparison.Ordinal);
    }

    [Fact]
    public void UpstreamAsked_OwnTimeIsTheRest()
    {
        Record(totalTicks: 30_000, upstreamTicks: 29_500, endpoint: 4);
        string page = Render();
        AssertHas("dataplane_http_request_duration_seconds_sum{route=\"users\"} 0.03\n", page);
        AssertHas("dataplane_gateway_duration_seconds_bucket{route=\"users\",le=\"0.0005\"} 1\n", page);
        AssertHas("dataplane_upstream_request_duration_seconds_sum{upstream=\"up\"} 0.0295\n", page);
        Assert.Contains(
            "dataplane_upstream_requests_total{upstream=\"up\",endpoint=\"http://e4\",outcome=\"completed\"} 1\n",
            page);
    }

    [Fact]
    public void TwoEndpointsOfOneUpstream_ShareItsHistogram()
    {
        Record(endpoint: 1, upstreamTicks: 1);
        Record(endpoint: 2, upstreamTicks: 1, shard: 1);
        string page = Render();
        AssertHas("dataplane_upstream_request_duration_seconds_count{upstream=\"up\"} 2\n", page);
    }

    [Fact]
    public void UpstreamTicksAboveTotal_OwnTimeIsZero()
    {
        Record(totalTicks: 1, upstreamTicks: 5);
        AssertHas("dataplane_gateway_duration_seconds_sum{route=\"users\"} 0\n", Render());
    }

    [Fact]
    public void TwoListeners_HistogramsAreOfBothAndNoSeriesTwice()
    {
        Record();
        Record(listener: 3);
        string page = Render();
        AssertHas("dataplane_http_request_duration_seconds_count{route=\"users\"} 2\n", page);
        var series = page.Split('\n').Where(line => line.Length > 0).Select(line => line[..line.LastIndexOf(' ')]);
        Assert.DoesNotContain(series.CountBy(each => each, StringComparer.Ordinal), each => each.Value > 1);
    }

    [Fact]
    public void EveryOutcome_HasALabelOfItsOwn()
    {
        var labels = Enum.GetValues<ExchangeOutcome>().Select(outcome => ErrorTable.Of(outcome).Label).ToArray();
        Assert.Equal(labels.Length, labels.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void KnownSeries_RecordsWithoutAllocating()
    {
        Record(endpoint: 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int each = 0; each < 1_000; each++) Record(endpoint: 1);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void PageOfKnownSeries_AllocatesNothing()
    {
        for (int route = 0; route < 50; route++) Record(route: route, endpoint: route % 2, shard: route % 2);
        using var process = new ProcessMetrics("1.0.0");
        var page = new MetricsPage(_metrics, process);
        var output = new ArrayBufferWriter<byte>(1 << 20);
        for (int each = 0; each < 3; each++) Write();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Write();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(output.WrittenCount, 100_000, 1 << 20);

        void Write()
        {
            output.ResetWrittenCount();
            page.Write(output, PrometheusFormat.OpenMetrics);
        }
    }

    private static void AssertHas(string line, string page) =>
        Assert.Contains("\n" + line, page, StringComparison.Ordinal);

    private static string Requests(string listener, string route, string method, string statusClass) =>
        $"dataplane_http_requests_total{{listener=\"{listener}\",route=\"{route}\",method=\"{method}\","
        + $"status_class=\"{statusClass}\"}}";

    private void Record(
        int shard = 0, int listener = 0, int route = 7, RequestMethod method = RequestMethod.Get, int status = 200,
        ExchangeOutcome outcome = ExchangeOutcome.Completed, long totalTicks = 100, long upstreamTicks = 0,
        int endpoint = -1)
    {
        var sample = new MetricSample
        {
            Shard = shard,
            ListenerIndex = listener,
            ListenerName = s_listeners[Math.Min(listener, 1)],
            RouteIndex = route,
            RouteId = s_route,
            Method = method,
            StatusCode = status,
            Outcome = outcome,
            TotalTicks = totalTicks,
            UpstreamTicks = upstreamTicks,
            EndpointIndex = endpoint,
            UpstreamName = s_upstream,
            EndpointAddress = s_endpoints[Math.Max(0, endpoint)],
        };
        _metrics.Record(sample);
    }

    private string Render()
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(_metrics).Write(output, PrometheusFormat.Text);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
