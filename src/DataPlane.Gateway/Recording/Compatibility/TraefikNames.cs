namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>Traefik's: an entrypoint is a listener, a router a route, a service an upstream.</summary>
internal sealed class TraefikNames : IProductNames
{
    private readonly HistogramView _view;
    private readonly CompatibleGroup _entrypoints;
    private readonly CompatibleGroup _routers;
    private readonly CompatibleGroup _services;

    public TraefikNames(CompatibleBounds bounds, CompatibleNames names)
    {
        _view = bounds.Traefik;
        _entrypoints = new CompatibleGroup(
            bounds.Recorded,
            key => key with { Route = CompatibleKey.Any, Upstream = CompatibleKey.Any },
            key => Labels(key, ("entrypoint", names.Listener(key.Listener))));
        _routers = new CompatibleGroup(
            bounds.Recorded,
            key => key.Route < 0 ? null : key with { Listener = CompatibleKey.Any },
            key => Labels(key, ("router", names.Route(key.Route)), ("service", names.Upstream(key.Upstream))));
        _services = new CompatibleGroup(
            bounds.Recorded,
            key => key.Upstream < 0 ? null : key with { Listener = CompatibleKey.Any, Route = CompatibleKey.Any },
            key => Labels(key, ("service", names.Upstream(key.Upstream))));
        Groups = [_entrypoints, _routers, _services];
    }

    public IReadOnlyList<CompatibleGroup> Groups { get; }

    public void Write(PrometheusText text)
    {
        Write(
            text, _entrypoints, "traefik_entrypoint_requests"u8, "traefik_entrypoint_request_duration_seconds"u8,
            "traefik_entrypoint_requests_bytes"u8, "traefik_entrypoint_responses_bytes"u8);
        Write(
            text, _routers, "traefik_router_requests"u8, "traefik_router_request_duration_seconds"u8,
            "traefik_router_requests_bytes"u8, "traefik_router_responses_bytes"u8);
        Write(
            text, _services, "traefik_service_requests"u8, "traefik_service_request_duration_seconds"u8,
            "traefik_service_requests_bytes"u8, "traefik_service_responses_bytes"u8);
    }

    private static byte[] Labels(CompatibleKey key, params ReadOnlySpan<(string Name, string Value)> more) =>
        LabelSet.Render(
        [
            ("code", $"{key.Status}"), ("method", CompatibleNames.Method(key.Method)), ("protocol", "http"), .. more,
        ]);

    private void Write(
        PrometheusText text, CompatibleGroup group, ReadOnlySpan<byte> requests, ReadOnlySpan<byte> duration,
        ReadOnlySpan<byte> received, ReadOnlySpan<byte> sent)
    {
        text.Family(requests, MetricKind.Counter, "Requests."u8);
        foreach (var sum in group.Sums) text.Sample(sum.Requests, sum.Labels);
        text.Family(duration, MetricKind.Histogram, "Duration of requests."u8);
        foreach (var sum in group.Sums) _view.Write(text, sum.Total, sum.Labels);
        text.Family(received, MetricKind.Counter, "Bytes of requests."u8);
        foreach (var sum in group.Sums) text.Sample(sum.BytesReceived, sum.Labels);
        text.Family(sent, MetricKind.Counter, "Bytes of responses."u8);
        foreach (var sum in group.Sums) text.Sample(sum.BytesSent, sum.Labels);
    }
}
