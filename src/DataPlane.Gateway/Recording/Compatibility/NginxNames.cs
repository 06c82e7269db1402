namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>
/// Those of nginx's exporter, which tells what nginx's status page does: one count of requests. Its connections are
/// gauges of the gateway.
/// </summary>
internal sealed class NginxNames : IProductNames
{
    private readonly CompatibleGroup _requests;

    public NginxNames(CompatibleBounds bounds)
    {
        _requests = new CompatibleGroup(
            bounds.Recorded,
            static _ => new CompatibleKey(
                CompatibleKey.Any, CompatibleKey.Any, CompatibleKey.Any, default, CompatibleKey.Any),
            static _ => []);
        Groups = [_requests];
    }

    public IReadOnlyList<CompatibleGroup> Groups { get; }

    public void Write(PrometheusText text)
    {
        text.Family("nginx_http_requests"u8, MetricKind.Counter, "Requests."u8);
        foreach (var sum in _requests.Sums) text.Sample(sum.Requests);
    }
}
