using System.Buffers;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The whole exposition: every source in the order given. Built once, at start. The page is rendered into the writer
/// without a flush, so a scrape holds it in memory once: about 110 bytes per series.
/// </summary>
public sealed class MetricsPage(params IMetricSource[] sources)
{
    /// <summary>Any thread.</summary>
    public void Write(IBufferWriter<byte> output, PrometheusFormat format)
    {
        var text = new PrometheusText(output, format);
        foreach (var source in sources) source.Write(text);
        text.Complete();
    }
}
