using System.Buffers;
using System.Text;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class ConfigMetricsTests
{
    [Fact]
    public void ReloadRefused_GenerationStaysAndSuccessFalls()
    {
        var metrics = new ConfigMetrics();
        metrics.Applied(3);
        AssertShows(metrics, generation: 3, success: 1);
        metrics.Refused();
        AssertShows(metrics, generation: 3, success: 0);
        metrics.Applied(4);
        AssertShows(metrics, generation: 4, success: 1);
    }

    private static void AssertShows(ConfigMetrics metrics, int generation, int success)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(metrics).Write(output, PrometheusFormat.Text);
        string page = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.Contains($"\ndataplane_config_generation {generation}\n", page, StringComparison.Ordinal);
        Assert.Contains($"\ndataplane_config_last_reload_success {success}\n", page, StringComparison.Ordinal);
    }
}
