namespace DataPlane.Gateway.Recording;

/// <summary>
/// Writes the metric families one room of the gateway owns. A family belongs to exactly one source: scrapers refuse a
/// page that has one twice. Called on any thread, by one scrape at a time; should allocate nothing.
/// </summary>
public interface IMetricSource
{
    void Write(PrometheusText text);
}
