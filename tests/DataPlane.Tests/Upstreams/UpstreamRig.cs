using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Balancing;
using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Tests.Loops;

namespace DataPlane.Tests.Upstreams;

/// <summary>Endpoints, pickers and exchanges on one loop that never runs: the test's thread plays it.</summary>
internal sealed class UpstreamRig : IDisposable
{
    private readonly LoopSet _loops;

    public UpstreamRig() => _loops = new LoopSet(1, _ => new PortableEngine(), Time);

    public ManualTime Time { get; } = new();

    public EventLoop Loop => _loops[0];

    public EndpointMember[] Members(params int[] weights) =>
        [.. weights.Select((weight, index) => new EndpointMember(Endpoint(index), weight))];

    public UpstreamEndpoint Endpoint(int index)
    {
        string authority = $"10.0.{index / 250}.{index % 250 + 1}:80";
        return new UpstreamEndpoint(
            index, "up", $"http://{authority}", authority, new EndpointAddress($"10.0.0.{index % 250}", 80), _loops);
    }

    public IEndpointPicker Picker(LoadBalancingConfig config, EndpointMember[] members) =>
        new PickerFactory(config, "up", loopCount: 1).Create(members, [.. members.Select(each => each.Weight)]);

    public Exchange Exchange(string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n", string client = "192.0.2.1")
    {
        byte[] bytes = Encoding.Latin1.GetBytes(head);
        var exchange = new Exchange(Loop)
        {
            Client = new ClientAddress(System.Net.IPEndPoint.Parse(client), isTrusted: false),
        };
        exchange.TakeHead(bytes);
        Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(bytes, exchange.Request, HeadLimits.Default));
        Assert.True(exchange.Resolve(out _, out _));
        return exchange;
    }

    public void Dispose() => _loops.Dispose();
}
