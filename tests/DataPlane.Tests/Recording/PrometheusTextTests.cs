using System.Buffers;
using System.Text;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class PrometheusTextTests
{
    [Fact]
    public void CounterInText_HasTotalInFamilyAndSample() =>
        Assert.Equal(
            "# HELP requests_total Some.\n# TYPE requests_total counter\nrequests_total{a=\"1\",b=\"2\"} 7\n",
            Render(PrometheusFormat.Text, text =>
            {
                text.Family("requests"u8, MetricKind.Counter, "Some."u8);
                text.Sample(7L, "a=\"1\""u8, "b=\"2\""u8);
            }));

    [Fact]
    public void CounterInOpenMetrics_HasTotalInSampleOnlyAndEndsWithEof() =>
        Assert.Equal(
            "# HELP requests Some.\n# TYPE requests counter\nrequests_total 7\n# EOF\n",
            Render(PrometheusFormat.OpenMetrics, text =>
            {
                text.Family("requests"u8, MetricKind.Counter, "Some."u8);
                text.Sample(7L);
            }));

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(1.5, "1.5")]
    [InlineData(-2.25, "-2.25")]
    [InlineData(1e-7, "1E-07")]
    [InlineData(double.MaxValue, "1.7976931348623157E+308")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Double_IsWrittenAsScrapersReadIt(double value, string expected) =>
        Assert.EndsWith(
            $"\nlevel {expected}\n",
            Render(PrometheusFormat.Text, text =>
            {
                text.Family("level"u8, MetricKind.Gauge, "A level."u8);
                text.Sample(value);
            }),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("route=\"r\"", "{route=\"r\",le=", "{route=\"r\"}")]
    [InlineData("", "{le=", "")]
    public void Histogram_IsCumulatedAndCountIsTheLastBucket(string labels, string open, string plain)
    {
        var bounds = new HistogramBounds(HistogramBounds.Standard, 1_000_000);
        var counts = new long[bounds.BucketCount];
        counts[0] = 2;
        counts[3] = 1;
        counts[^1] = 4;
        string page = Render(PrometheusFormat.Text, text =>
        {
            text.Family("wait_seconds"u8, MetricKind.Histogram, "Waits."u8);
            text.Histogram(bounds, counts, 50.5, Encoding.UTF8.GetBytes(labels));
        });
        Assert.Contains($"wait_seconds_bucket{open}\"0.0005\"}} 2\n", page, StringComparison.Ordinal);
        Assert.Contains($"wait_seconds_bucket{open}\"0.0025\"}} 2\n", page, StringComparison.Ordinal);
        Assert.Contains($"wait_seconds_bucket{open}\"0.005\"}} 3\n", page, StringComparison.Ordinal);
        Assert.Contains($"wait_seconds_bucket{open}\"10.0\"}} 3\n", page, StringComparison.Ordinal);
        Assert.EndsWith(
            $"wait_seconds_bucket{open}\"+Inf\"}} 7\nwait_seconds_sum{plain} 50.5\nwait_seconds_count{plain} 7\n",
            page, StringComparison.Ordinal);
    }

    private static string Render(PrometheusFormat format, Action<PrometheusText> write)
    {
        var output = new ArrayBufferWriter<byte>();
        var text = new PrometheusText(output, format);
        write(text);
        text.Complete();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
