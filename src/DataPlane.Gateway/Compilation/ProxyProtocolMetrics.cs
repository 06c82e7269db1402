using DataPlane.Gateway.Connections.ProxyProtocol;
using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// What became of the PROXY headers of listeners that take them; none is shown for the others. One scrape at a time; 0
/// bytes.
/// </summary>
public sealed class ProxyProtocolMetrics(IReadOnlyList<ProxyCounts> listeners) : IMetricSource
{
    private readonly LabelCache _listener = new("listener");
    private readonly LabelCache _result = new("result");

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_proxy_protocol_connections"u8, MetricKind.Counter,
            "Connections by what became of their PROXY header."u8);
        foreach (var counts in listeners)
        {
            byte[] name = _listener.Of(counts.Listener.Name);
            for (int word = 0; word < ProxyCounts.Words.Count; word++)
            {
                long count = counts.Of(word);
                if (count > 0) text.Sample(count, name, _result.Of(ProxyCounts.Words[word]));
            }
        }
    }
}
