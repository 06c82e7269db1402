using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class PrometheusFormatsTests
{
    private const string Prometheus2 =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    private const string Prometheus3TextFirst =
        "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5";

    [Theory]
    [InlineData(null, PrometheusFormat.Text)]
    [InlineData("", PrometheusFormat.Text)]
    [InlineData("*/*", PrometheusFormat.Text)]
    [InlineData("text/html,*/*;q=0.8", PrometheusFormat.Text)]
    [InlineData(Prometheus2, PrometheusFormat.OpenMetrics)]
    [InlineData(Prometheus3TextFirst, PrometheusFormat.Text)]
    [InlineData("application/openmetrics-text", PrometheusFormat.OpenMetrics)]
    [InlineData("Application/OpenMetrics-Text; Version=\"1.0.0\"", PrometheusFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;version=0.0.1", PrometheusFormat.Text)]
    [InlineData("application/openmetrics-text;version=2.0.0", PrometheusFormat.Text)]
    [InlineData("application/openmetrics-text;q=0", PrometheusFormat.Text)]
    [InlineData("application/openmetrics-text;q=banana", PrometheusFormat.Text)]
    [InlineData(";;,=,;q", PrometheusFormat.Text)]
    public void Accept_ChoosesFormat(string? accept, PrometheusFormat expected) =>
        Assert.Equal(expected, PrometheusFormats.Negotiate(accept));
}
