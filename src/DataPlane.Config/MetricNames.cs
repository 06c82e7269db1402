namespace DataPlane.Config;

/// <summary>A product whose metric names the page can have besides its own, for existing dashboards.</summary>
public enum MetricNames : byte
{
    OpenTelemetry,
    Traefik,
    Kong,
    Nginx,
}
