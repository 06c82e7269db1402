using System.Buffers;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The whole exposition: every source in the order given. Built once, at start. The page is rendered into the writer
/// without a flush, so a scrape holds it in memory once: about 110 bytes per series.
/// </summary>
public sealed class MetricsPage(params IMetricSource[] sources)
{
    private readonly Lock _turn = new();
    private readonly PrometheusText _text = new();

    /// <summary>
    /// Any thread; scrapes at the same time wait for each other. 0 bytes once all series have been seen.
    /// </summary>
    public void Write(IBufferWriter<byte> output, PrometheusFormat format)
    {
        lock (_turn)
        {
            _text.Begin(output, format);
            foreach (var source in sources) source.Write(_text);
            _text.Complete();
        }
    }
}
