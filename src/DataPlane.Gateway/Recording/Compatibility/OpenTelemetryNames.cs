namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>
/// OpenTelemetry's semantic conventions for HTTP servers, as its Prometheus exporters spell them. <c>http_route</c> is
/// the id of the route.
/// </summary>
internal sealed class OpenTelemetryNames : IProductNames
{
    private readonly HistogramView _view;
    private readonly CompatibleGroup _requests;

    public OpenTelemetryNames(CompatibleBounds bounds, CompatibleNames names)
    {
        _view = bounds.OpenTelemetry;
        _requests = new CompatibleGroup(
            bounds.Recorded,
            key => key with { Listener = CompatibleKey.Any, Upstream = CompatibleKey.Any },
            key => LabelSet.Render(
                ("http_request_method", CompatibleNames.Method(key.Method)),
                ("http_response_status_code", $"{key.Status}"),
                ("http_route", names.Route(key.Route)),
                ("network_protocol_version", "1.1"),
                ("url_scheme", "http")));
        Groups = [_requests];
    }

    public IReadOnlyList<CompatibleGroup> Groups { get; }

    public void Write(PrometheusText text)
    {
        text.Family("http_server_request_duration_seconds"u8, MetricKind.Histogram, "Duration of HTTP requests."u8);
        foreach (var sum in _requests.Sums) _view.Write(text, sum.Total, sum.Labels);
    }
}
