using DataPlane.Config;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Balancing;

namespace DataPlane.Tests.Upstreams.Balancing;

public sealed class ConsistentHashPickerTests
{
    [Theory]
    [InlineData(HashKeyKind.Header, "X-User", "GET / HTTP/1.1\r\nHost: a\r\nx-user: {0}\r\n\r\n")]
    [InlineData(HashKeyKind.Path, "", "GET /{0}?q=1 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(HashKeyKind.Query, "user", "GET /?x=1&user={0}&users=2 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(HashKeyKind.Cookie, "sid", "GET / HTTP/1.1\r\nHost: a\r\nCookie: xsid=1; sid={0}; b=2\r\n\r\n")]
    public void SameKey_GetsTheSameEndpointAndOthersSpread(HashKeyKind kind, string name, string head)
    {
        using var rig = new UpstreamRig();
        var picker = rig.Picker(Config(kind, name), rig.Members(1, 1, 1, 1));
        var picked = new HashSet<int>();
        for (int user = 0; user < 64; user++)
        {
            string request = head.Replace("{0}", $"u{user}", StringComparison.Ordinal);
            int first = picker.Pick(rig.Exchange(request), 0);
            Assert.Equal(first, picker.Pick(rig.Exchange(request), 0));
            picked.Add(first);
        }
        Assert.Equal(4, picked.Count);
    }

    [Fact]
    public void ClientAddress_IsAKeyWithoutItsPort()
    {
        using var rig = new UpstreamRig();
        var picker = rig.Picker(Config(HashKeyKind.ClientAddress), rig.Members(1, 1, 1, 1, 1, 1, 1, 1));
        for (int host = 1; host < 30; host++)
        {
            int first = picker.Pick(rig.Exchange(client: $"192.0.2.{host}:1000"), 0);
            Assert.Equal(first, picker.Pick(rig.Exchange(client: $"192.0.2.{host}:2000"), 0));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX-User:\r\n\r\n")]
    public void RequestWithoutTheKey_GetsAnyEndpoint(string head)
    {
        using var rig = new UpstreamRig();
        var picker = rig.Picker(Config(HashKeyKind.Header, "X-User"), rig.Members(1, 1, 1));
        var exchange = rig.Exchange(head);
        Assert.Equal(3, Enumerable.Range(0, 200).Select(_ => picker.Pick(exchange, 0)).Distinct().Count());
    }

    [Fact]
    public void FurtherAttempts_GiveOtherEndpointsInAnOrderOfTheKey()
    {
        using var rig = new UpstreamRig();
        var picker = rig.Picker(Config(HashKeyKind.Path), rig.Members(1, 1, 1, 1));
        var exchange = rig.Exchange("GET /some HTTP/1.1\r\nHost: a\r\n\r\n");
        int[] order = [.. Enumerable.Range(0, 4).Select(attempt => picker.Pick(exchange, attempt))];
        Assert.Equal(4, order.Distinct().Count());
        Assert.Equal(order, Enumerable.Range(0, 4).Select(attempt => picker.Pick(exchange, attempt)));
    }

    /// <summary>One key gets all requests and none ends: no endpoint holds more than the bound.</summary>
    [Theory]
    [InlineData(125)]
    [InlineData(200)]
    public void OneHotKey_IsBounded(int factor)
    {
        using var rig = new UpstreamRig();
        var members = rig.Members(2, 1, 1, 1);
        var picker = rig.Picker(Config(HashKeyKind.Path) with { BalanceFactor = factor }, members);
        var exchange = rig.Exchange("GET /hot HTTP/1.1\r\nHost: a\r\n\r\n");
        const int requests = 400;
        for (int each = 0; each < requests; each++)
        {
            members[picker.Pick(exchange, 0)].Endpoint.Load(rig.Loop).InFlight++;
        }
        foreach (var member in members)
        {
            double bound = Math.Ceiling(factor / 100.0 * requests * member.Weight / 5);
            Assert.InRange(InFlight(rig, member), 0, bound);
        }
    }

    [Fact]
    public void WithoutBound_TheKeyKeepsItsEndpoint()
    {
        using var rig = new UpstreamRig();
        var members = rig.Members(1, 1, 1);
        var picker = rig.Picker(Config(HashKeyKind.Path) with { BalanceFactor = 0 }, members);
        var exchange = rig.Exchange("GET /hot HTTP/1.1\r\nHost: a\r\n\r\n");
        for (int each = 0; each < 100; each++)
        {
            members[picker.Pick(exchange, 0)].Endpoint.Load(rig.Loop).InFlight++;
        }
        Assert.Contains(members, member => InFlight(rig, member) == 100);
    }

    private static int InFlight(UpstreamRig rig, EndpointMember member) => member.Endpoint.Load(rig.Loop).InFlight;

    private static LoadBalancingConfig Config(HashKeyKind kind, string name = "") =>
        new() { Method = LoadBalancingMethod.ConsistentHash, Key = new HashKeyConfig(kind, name) };
}
