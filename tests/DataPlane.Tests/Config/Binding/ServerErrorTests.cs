namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes in <c>limits</c>, <c>forwarding</c> and <c>transport</c>.</summary>
public sealed class ServerErrorTests
{
    [Fact]
    public void AmbiguousSize_IsRefused() => ConfigText.Fails(
        """
        limits: { requestHeadBytes: 32KB }
        """,
        "g.yaml:1:29: limits.requestHeadBytes: '32KB' is not a size; write a whole number of bytes, or "
            + "one with KiB, MiB or GiB, such as 64KiB");

    [Fact]
    public void SizeOutOfRange_ShowsTheRange() => ConfigText.Fails(
        """
        limits: { requestHeadBytes: 2MiB }
        """,
        "g.yaml:1:29: limits.requestHeadBytes: '2MiB' is out of range; write a value from 1KiB to 1MiB");

    [Fact]
    public void WordInsteadOfNumber_ShowsTheRange() => ConfigText.Fails(
        """
        limits: { requestHeaderCount: many }
        """,
        "g.yaml:1:31: limits.requestHeaderCount: 'many' is not a whole number; write a number from 1 to 10000");

    [Fact]
    public void NumberOutOfRange_ShowsTheRange() => ConfigText.Fails(
        """
        limits: { connections: 0 }
        """,
        "g.yaml:1:24: limits.connections: '0' is out of range; write a value from 1 to 10000000");

    [Fact]
    public void DurationWithoutUnit_ShowsUnits() => ConfigText.Fails(
        """
        limits: { headTimeout: 10 }
        """,
        "g.yaml:1:24: limits.headTimeout: '10' is not a duration; write a whole number and ms, s, m or "
            + "h, such as 250ms or 10s");

    [Fact]
    public void DurationOutOfRange_ShowsTheRange() => ConfigText.Fails(
        """
        limits: { idleTimeout: 0s }
        """,
        "g.yaml:1:24: limits.idleTimeout: '0s' is out of range; write a value from 1ms to 24h");

    [Fact]
    public void RateWithoutPeriod_ShowsPeriods() => ConfigText.Fails(
        """
        limits: { responseMinimumRate: 240 }
        """,
        "g.yaml:1:32: limits.responseMinimumRate: '240' is not a rate; write a count per /s, /m or /h, "
            + "such as 100/s");

    [Fact]
    public void RateBelowOneByteASecond_IsRefused() => ConfigText.Fails(
        """
        limits: { bodyMinimumRate: 1/m }
        """,
        "g.yaml:1:28: limits.bodyMinimumRate: is not a whole number of bytes per second; write it per "
            + "second, such as 240/s");

    [Fact]
    public void RequestLineLargerThanItsHead_IsRefused() => ConfigText.Fails(
        """
        limits: { requestLineBytes: 64KiB }
        """,
        "g.yaml:1:29: limits.requestLineBytes: requestLineBytes is larger than requestHeadBytes; the "
            + "request line is part of the head: raise it");

    [Fact]
    public void HeadSmallerThanItsRequestLine_IsRefused() => ConfigText.Fails(
        """
        limits: { requestHeadBytes: 4KiB }
        """,
        "g.yaml:1:29: limits.requestHeadBytes: requestLineBytes is larger than requestHeadBytes; the "
            + "request line is part of the head: raise it");

    [Fact]
    public void NetworkWithHostBits_ShowsTheNetwork() => ConfigText.Fails(
        """
        forwarding: { trustedProxies: [ 10.0.0.1/8 ] }
        """,
        "g.yaml:1:33: forwarding.trustedProxies[0]: '10.0.0.1/8' has bits beyond its prefix; write 10.0.0.0/8");

    [Fact]
    public void ShortNetwork_IsRefused() => ConfigText.Fails(
        """
        forwarding: { trustedProxies: [ 10.1, 10/8, x ] }
        """,
        "g.yaml:1:33: forwarding.trustedProxies[0]: '10.1' is not a network; write a network such as "
            + "10.0.0.0/8, or one address",
        "g.yaml:1:39: forwarding.trustedProxies[1]: '10/8' is not a network; write a network such as "
            + "10.0.0.0/8, or one address",
        "g.yaml:1:45: forwarding.trustedProxies[2]: 'x' is not a network; write a network such as "
            + "10.0.0.0/8, or one address");

    [Fact]
    public void ChoiceInAnotherCase_SuggestsTheNearest() => ConfigText.Fails(
        """
        forwarding: { headers: xforwarded }
        """,
        "g.yaml:1:24: forwarding.headers: 'xforwarded' is not known here; did you mean 'xForwarded'?");

    [Fact]
    public void YesInsteadOfTrue_IsRefused() => ConfigText.Fails(
        """
        forwarding: { via: yes }
        """,
        "g.yaml:1:20: forwarding.via: 'yes' is not a boolean; write true or false");

    [Fact]
    public void ViaNameThatIsNoToken_IsRefused() => ConfigText.Fails(
        """
        forwarding: { viaName: "a b" }
        """,
        "g.yaml:1:24: forwarding.viaName: is not a token; use letters, digits and '-' only");

    [Fact]
    public void SampleThatIsNoNumber_IsRefused() => ConfigText.Fails(
        """
        accessLog: { sample: half }
        """,
        "g.yaml:1:22: accessLog.sample: 'half' is not a number; write a number from 0 to 1");

    [Fact]
    public void TransportMisspelt_SuggestsTheNearest() => ConfigText.Fails(
        """
        transport: epol
        """,
        "g.yaml:1:12: transport: 'epol' is not known here; did you mean 'epoll'?");

    [Fact]
    public void NegativeLoops_AreRefused() => ConfigText.Fails(
        """
        transport: { kind: sockets, loops: -1 }
        """,
        "g.yaml:1:36: transport.loops: '-1' is out of range; write a value from 0 to 1024");
}
