namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>
/// Kong's: a service is an upstream. There is one workspace, and no consumer before there is authentication.
/// </summary>
internal sealed class KongNames : IProductNames
{
    private static readonly byte[] s_ingress = MetricLabel.Render("direction", "ingress");
    private static readonly byte[] s_egress = MetricLabel.Render("direction", "egress");

    private readonly HistogramView _view;
    private readonly CompatibleGroup _requests;
    private readonly CompatibleGroup _routes;

    public KongNames(CompatibleBounds bounds, CompatibleNames names)
    {
        _view = bounds.Kong;
        _requests = new CompatibleGroup(
            bounds.Recorded,
            key => key with { Listener = CompatibleKey.Any, Method = default },
            key => LabelSet.Render(
                ("service", names.Upstream(key.Upstream)), ("route", names.Route(key.Route)),
                ("code", $"{key.Status}"), ("source", key.Upstream < 0 ? "kong" : "service"),
                ("workspace", "default"), ("consumer", "")));
        _routes = new CompatibleGroup(
            bounds.Recorded,
            key => key with { Listener = CompatibleKey.Any, Method = default, Status = CompatibleKey.Any },
            key => LabelSet.Render(
                ("service", names.Upstream(key.Upstream)), ("route", names.Route(key.Route)),
                ("workspace", "default")));
        Groups = [_requests, _routes];
    }

    public IReadOnlyList<CompatibleGroup> Groups { get; }

    public void Write(PrometheusText text)
    {
        text.Family("kong_http_requests"u8, MetricKind.Counter, "Requests."u8);
        foreach (var sum in _requests.Sums) text.Sample(sum.Requests, sum.Labels);
        text.Family("kong_request_latency_ms"u8, MetricKind.Histogram, "Whole duration of requests."u8);
        foreach (var sum in _routes.Sums) _view.Write(text, sum.Total, sum.Labels);
        text.Family("kong_upstream_latency_ms"u8, MetricKind.Histogram, "Waited for the upstream."u8);
        foreach (var sum in _routes.Sums) _view.Write(text, sum.Upstream, sum.Labels);
        text.Family("kong_kong_latency_ms"u8, MetricKind.Histogram, "The gateway's own time."u8);
        foreach (var sum in _routes.Sums) _view.Write(text, sum.Own, sum.Labels);
        text.Family("kong_bandwidth_bytes"u8, MetricKind.Unknown, "Bytes by direction."u8);
        foreach (var sum in _routes.Sums)
        {
            text.Sample(sum.BytesReceived, sum.Labels, s_ingress);
            text.Sample(sum.BytesSent, sum.Labels, s_egress);
        }
    }
}
