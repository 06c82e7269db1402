namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes in <c>upstreams</c>.</summary>
public sealed class UpstreamErrorTests
{
    [Fact]
    public void NoEndpoints_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [] }, b: {}, c: }
        """,
        "g.yaml:1:30: upstreams.a.endpoints: the list is empty; add an endpoint",
        "g.yaml:1:39: upstreams.b.endpoints: is required; add 'endpoints: ...'",
        "g.yaml:1:46: upstreams.c.endpoints: is required; add 'endpoints: ...'");

    [Fact]
    public void NameWithSpace_IsRefused() => ConfigText.Fails(
        """
        upstreams: { "d e": { endpoints: [ "http://x" ] } }
        """,
        "g.yaml:1:14: upstreams['d e']: 'd e' is not a name; use at most 63 letters, digits, '-', '_' "
            + "and '.', starting with a letter or digit");

    [Fact]
    public void OtherScheme_ShowsTheForms() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "ftp://x" ] } }
        """,
        "g.yaml:1:32: upstreams.a.endpoints[0]: 'ftp://x' is not an endpoint; write http://host:port or "
            + "http+unix:///path");

    [Fact]
    public void PortZero_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://x:0" ] } }
        """,
        "g.yaml:1:32: upstreams.a.endpoints[0]: 'http://x:0' has no valid port; write a port from 1 to 65535");

    [Fact]
    public void PathInAnEndpoint_SaysRewrite() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://x/y" ] } }
        """,
        "g.yaml:1:32: upstreams.a.endpoints[0]: an endpoint has no path or query; write "
            + "http://host:port, and the path as a rewrite");

    [Fact]
    public void UserInAnEndpoint_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://u@x" ] } }
        """,
        "g.yaml:1:32: upstreams.a.endpoints[0]: an endpoint has no user or password; write http://host:port");

    [Fact]
    public void NoHost_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://" ] } }
        """,
        "g.yaml:1:32: upstreams.a.endpoints[0]: 'http://' has no valid host; write a host name or an IP "
            + "address");

    [Fact]
    public void ImpossibleIpv4_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://999.1.1.1" ] } }
        """,
        "g.yaml:1:32: upstreams.a.endpoints[0]: 'http://999.1.1.1' has no valid host; write a host name "
            + "or an IP address");

    [Fact]
    public void Ipv6WithoutBrackets_ShowsThem() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://::1:80" ] } }
        """,
        "g.yaml:1:32: upstreams.a.endpoints[0]: 'http://::1:80' has no valid host; write an IPv6 address "
            + "in brackets");

    [Fact]
    public void RelativeUnixSocket_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http+unix://x" ] } }
        """,
        "g.yaml:1:32: upstreams.a.endpoints[0]: 'http+unix://x' names no unix socket; write http+unix:// "
            + "and an absolute path of at most 107 bytes");

    [Fact]
    public void WeightOutOfRange_ShowsTheRange() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ { url: "http://x", weight: 2000 } ] } }
        """,
        "g.yaml:1:59: upstreams.a.endpoints[0].weight: '2000' is out of range; write a value from 0 to 1000");

    [Fact]
    public void MissingUrl_IsNamed() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ { weight: 1 } ] } }
        """,
        "g.yaml:1:32: upstreams.a.endpoints[0].url: is required; add 'url: ...'");

    [Fact]
    public void WeightsThatSumToZero_AreRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ { url: "http://x", weight: 0 } ] } }
        """,
        "g.yaml:1:30: upstreams.a.endpoints: the weights sum to 0; give at least one endpoint a weight "
            + "above 0");

    [Fact]
    public void SameEndpoint_NamesTheOtherLine() => ConfigText.Fails(
        """
        upstreams:
          a:
            endpoints:
              - http://x:1
              - http://X:1
        """,
        "g.yaml:5:9: upstreams.a.endpoints[1]: the endpoint is already on line 4; keep one, and give it "
            + "a larger weight");

    [Fact]
    public void KeysOfLaterVersions_AreNamed() => ConfigText.Fails(
        """
        upstreams:
          a:
            endpoints: [ "http://x" ]
            protocol: http3
        """,
        "g.yaml:4:15: upstreams.a.protocol: 'http3' is not known here; did you mean 'http1'?");

    [Fact]
    public void UnknownLoadBalancing_SuggestsTheNearest() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://x" ], loadBalancing: roundrobin } }
        """,
        "g.yaml:1:61: upstreams.a.loadBalancing: 'roundrobin' is not known here; did you mean 'roundRobin'?");

    [Fact]
    public void MoreIdleThanMax_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://x" ], connections: { max: 1, idle: 2 } } }
        """,
        "g.yaml:1:75: upstreams.a.connections.idle: is larger than max; write at most 1");

    [Fact]
    public void AttemptsOutOfRange_ShowsTheRange() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://x" ], retries: { attempts: 11 } } }
        """,
        "g.yaml:1:67: upstreams.a.retries.attempts: '11' is out of range; write a value from 0 to 10");

    [Fact]
    public void NoConnectTimeout_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://x" ], timeouts: { connect: 0s } } }
        """,
        "g.yaml:1:67: upstreams.a.timeouts.connect: '0s' is out of range; write a value from 1ms to 24h");
}
