namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes in <c>loadBalancing</c> and <c>health</c>.</summary>
public sealed class HealthErrorTests
{
    [Fact]
    public void ConsistentHashWithoutKey_ShowsOne() => ConfigText.Fails(
        """
        upstreams:
          a: { endpoints: [ "http://x" ], loadBalancing: consistentHash }
          b: { endpoints: [ "http://x" ], loadBalancing: { consistentHash: {} } }
        """,
        "g.yaml:2:50: upstreams.a.loadBalancing: needs a key; write { consistentHash: { key: clientAddress } }",
        "g.yaml:3:68: upstreams.b.loadBalancing.consistentHash.key: is required; add 'key: ...'");

    [Theory]
    [InlineData("header")]
    [InlineData("header:")]
    [InlineData("ip")]
    [InlineData("path:x")]
    [InlineData("cookie:a;b")]
    public void KeyThatIsNone_ListsThem(string key) => ConfigText.Fails(
        $$"""
        upstreams:
          a:
            endpoints: [ "http://x" ]
            loadBalancing: { consistentHash: { key: "{{key}}" } }
        """,
        $"g.yaml:4:45: upstreams.a.loadBalancing.consistentHash.key: '{key}' is not a key; write clientAddress, "
            + "path, header:NAME, query:NAME or cookie:NAME");

    [Fact]
    public void BalanceFactorBelowTheShare_IsRefused() => ConfigText.Fails(
        """
        upstreams:
          a:
            endpoints: [ "http://x" ]
            loadBalancing: { consistentHash: { key: path, balanceFactor: 50 } }
        """,
        "g.yaml:4:66: upstreams.a.loadBalancing.consistentHash.balanceFactor: is less than the fair share; write "
            + "a percentage from 100 to 1000, or 0 for no bound");

    [Fact]
    public void HashBesideAnotherMethod_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://x" ], loadBalancing: { random: {} } } }
        """,
        "g.yaml:1:61: upstreams.a.loadBalancing.consistentHash: is required; add 'consistentHash: ...'",
        "g.yaml:1:63: upstreams.a.loadBalancing.random: unknown key 'random'; known keys are: consistentHash");

    [Fact]
    public void ActiveChecks_ReportEveryMistake() => ConfigText.Fails(
        """
        upstreams:
          a:
            endpoints: [ "http://x" ]
            health:
              active:
                path: healthz
                host: "a b"
                interval: 1ms
                healthyAfter: 0
                jitter: 200%
                expect: { status: [ 100, 300-200, ok ], body: "" }
        """,
        "g.yaml:6:15: upstreams.a.health.active.path: is not a path; write one that starts with /, with spaces and "
            + "the like as %20",
        "g.yaml:7:15: upstreams.a.health.active.host: is not a host; write a name, with a port if need be",
        "g.yaml:8:19: upstreams.a.health.active.interval: '1ms' is out of range; write a value from 100ms to 1h",
        "g.yaml:9:23: upstreams.a.health.active.healthyAfter: '0' is out of range; write a value from 1 to 1000",
        "g.yaml:10:17: upstreams.a.health.active.jitter: '200%' is not a percentage; write a number from 0% to 100%, "
            + "such as 20%",
        "g.yaml:11:29: upstreams.a.health.active.expect.status[0]: '100' is not a status; write a number from 200 to "
            + "599, or a range such as 200-299",
        "g.yaml:11:34: upstreams.a.health.active.expect.status[1]: '300-200' is not a status; write a number from 200 "
            + "to 599, or a range such as 200-299",
        "g.yaml:11:43: upstreams.a.health.active.expect.status[2]: 'ok' is not a status; write a number from 200 to "
            + "599, or a range such as 200-299",
        "g.yaml:11:55: upstreams.a.health.active.expect.body: is empty or too long; write 1 to 1024 characters");

    [Fact]
    public void ExpectationWithoutPath_AsksForOne() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://x" ], health: { active: { expect: { body: ok } } } } }
        """,
        "g.yaml:1:64: upstreams.a.health.active.path: is missing; add the path to ask for: host and body mean nothing "
            + "without it");

    [Fact]
    public void EjectionLongerThanItsMaximum_IsRefused() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ "http://x" ], health: { passive: { ejection: 10m } } } }
        """,
        "g.yaml:1:77: upstreams.a.health.passive.ejection: is longer than maximumEjection; write at most that, or "
            + "raise maximumEjection");

    [Fact]
    public void PriorityOutOfRange_ShowsTheRange() => ConfigText.Fails(
        """
        upstreams: { a: { endpoints: [ { url: "http://x", priority: 16 } ] } }
        """,
        "g.yaml:1:61: upstreams.a.endpoints[0].priority: '16' is out of range; write a value from 0 to 15");
}
