namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes in <c>listeners</c> and <c>admin</c>.</summary>
public sealed class ListenerErrorTests
{
    [Fact]
    public void EmptyList_IsRefused() => ConfigText.Fails(
        """
        listeners: []
        """,
        "g.yaml:1:12: listeners: the list is empty; add a listener, or remove the key to listen on "
            + "127.0.0.1:8080");

    [Fact]
    public void MissingKeys_AreNamed() => ConfigText.Fails(
        """
        listeners: [ {} ]
        """,
        "g.yaml:1:14: listeners[0].name: is required; add 'name: ...'",
        "g.yaml:1:14: listeners[0].address: is required; add 'address: ...'");

    [Fact]
    public void NameWithSpace_IsRefused() => ConfigText.Fails(
        """
        listeners: [ { name: "a b", address: "127.0.0.1:1" } ]
        """,
        "g.yaml:1:22: listeners[0].name: 'a b' is not a name; use at most 63 letters, digits, '-', '_' "
            + "and '.', starting with a letter or digit");

    [Fact]
    public void PortAlone_ShowsBothChoices() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: 8080 } ]
        """,
        "g.yaml:1:34: listeners[0].address: '8080' has no address; write 127.0.0.1:8080, or 0.0.0.0:8080 "
            + "to listen on all");

    [Fact]
    public void AddressWithoutHost_SaysHowToListenOnAll() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: ":80" } ]
        """,
        "g.yaml:1:34: listeners[0].address: ':80' has no address; write 0.0.0.0:80 to listen on all");

    [Fact]
    public void AddressWithoutPort_ShowsOne() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: 0.0.0.0 } ]
        """,
        "g.yaml:1:34: listeners[0].address: '0.0.0.0' has no port; write 0.0.0.0:8080");

    [Fact]
    public void Ipv6WithoutBrackets_ShowsThem() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: "::1:80" } ]
        """,
        "g.yaml:1:34: listeners[0].address: '::1:80' is an IPv6 address without brackets; write \"[::1]:80\"");

    [Fact]
    public void HostName_IsRefused() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: "example.com:80" } ]
        """,
        "g.yaml:1:34: listeners[0].address: 'example.com:80' names a host; write the address to listen "
            + "on, such as 0.0.0.0 for all");

    [Fact]
    public void PortTooLarge_IsRefused() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: "1.2.3.4:65536" } ]
        """,
        "g.yaml:1:34: listeners[0].address: '1.2.3.4:65536' has no valid port; write a port from 0 to "
            + "65535 after the last ':'");

    [Fact]
    public void RelativeUnixPath_IsRefused() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: "unix:x" } ]
        """,
        "g.yaml:1:34: listeners[0].address: 'unix:x' is not a unix socket; write unix: and an absolute "
            + "path of at most 107 bytes");

    [Fact]
    public void ShortIpv4_IsRefused() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: "10.1:80" } ]
        """,
        "g.yaml:1:34: listeners[0].address: '10.1:80' is not a listen address; write an address and port "
            + "such as 127.0.0.1:8080, [::]:8080 or unix:/path");

    [Fact]
    public void SameName_NamesTheOtherLine() => ConfigText.Fails(
        """
        listeners:
          - { name: a, address: 127.0.0.1:80 }
          - { name: a, address: 127.0.0.1:81 }
        """,
        "g.yaml:3:13: listeners[1].name: the name is already on line 2; give it another name");

    [Fact]
    public void SameAddress_NamesTheOtherLine() => ConfigText.Fails(
        """
        listeners:
          - { name: a, address: 127.0.0.1:80 }
          - { name: b, address: 127.0.0.1:80 }
        """,
        "g.yaml:3:25: listeners[1].address: the address overlaps with that of 'a' on line 2; listen on "
            + "another address or port");

    [Fact]
    public void AddressInsideAllAddresses_Overlaps() => ConfigText.Fails(
        """
        listeners:
          - { name: a, address: 127.0.0.1:80 }
          - { name: b, address: 0.0.0.0:80 }
        """,
        "g.yaml:3:25: listeners[1].address: the address overlaps with that of 'a' on line 2; listen on "
            + "another address or port");

    [Fact]
    public void SameUnixSocket_Overlaps() => ConfigText.Fails(
        """
        listeners:
          - { name: a, address: "unix:/a" }
          - { name: b, address: "unix:/a" }
        """,
        "g.yaml:3:25: listeners[1].address: the address overlaps with that of 'a' on line 2; listen on "
            + "another address or port");

    [Fact]
    public void KeysOfLaterVersions_AreNamed() => ConfigText.Fails(
        """
        listeners:
          - name: a
            address: 127.0.0.1:80
            protocols: [http1, http3]
        """,
        "g.yaml:4:24: listeners[0].protocols[1]: http3 is not in this version; write protocols: [http1, http2]");

    [Fact]
    public void Http2LimitsThatDoNotFit_AreRefused() => ConfigText.Fails(
        """
        limits: { http2: { streamWindow: 2MiB, pingInterval: 20ms, frameBytes: 1KiB } }
        """,
        "g.yaml:1:34: limits.http2.streamWindow: streamWindow is larger than connectionWindow; a stream cannot use "
            + "more: lower it",
        "g.yaml:1:54: limits.http2.pingInterval: is shorter than a second; write at least 1s, or 0s to switch off",
        "g.yaml:1:72: limits.http2.frameBytes: '1KiB' is out of range; write a value from 16KiB to 16777215");

    [Fact]
    public void ProxyProtocolWithoutTrustedPeers_IsRefused() => ConfigText.Fails(
        """
        listeners:
          - { name: a, address: 127.0.0.1:80, proxyProtocol: required }
          - { name: b, address: 127.0.0.1:81, proxyProtocol: optional, trusted: [] }
          - { name: c, address: 127.0.0.1:82, trusted: [10.0.0.0/8] }
          - { name: d, address: 127.0.0.1:83, proxyProtocol: requires, trusted: [10.1] }
          - { name: e, address: "unix:/run/e.sock", proxyProtocol: required }
        """,
        "g.yaml:2:5: listeners[0].trusted: is required with proxyProtocol; list the load balancers' networks, such as "
            + "trusted: [10.0.0.0/8]",
        "g.yaml:3:73: listeners[1].trusted: is required with proxyProtocol; list the load balancers' networks, such as "
            + "trusted: [10.0.0.0/8]",
        "g.yaml:4:48: listeners[2].trusted: means nothing without proxyProtocol; write proxyProtocol: required as well",
        "g.yaml:5:54: listeners[3].proxyProtocol: 'requires' is not known here; did you mean 'required'?",
        "g.yaml:5:74: listeners[3].trusted[0]: '10.1' is not a network; write a network such as 10.0.0.0/8, or one "
            + "address");

    [Fact]
    public void UnknownProtocol_SuggestsTheNearest() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: 127.0.0.1:80, protocols: [http9] } ]
        """,
        "g.yaml:1:60: listeners[0].protocols[0]: 'http9' is not known here; did you mean 'http1'?");

    [Fact]
    public void NoProtocol_IsRefused() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: 127.0.0.1:80, protocols: [] } ]
        """,
        "g.yaml:1:59: listeners[0].protocols: the list is empty; write protocols: [http1, http2]");

    [Fact]
    public void AdminBeyondLoopbackWithoutToken_IsRefused() => ConfigText.Fails(
        """
        admin: { address: 0.0.0.0:8081 }
        """,
        "g.yaml:1:8: admin.token: is required when the admin address is reachable from other machines; "
            + "set it, for example to \"${DATAPLANE_ADMIN_TOKEN}\", or listen on 127.0.0.1");

    [Fact]
    public void TokenWithSpace_IsRefused() => ConfigText.Fails(
        """
        admin: { token: "a b" }
        """,
        "g.yaml:1:17: admin.token: contains a space or a character beyond ASCII; use letters, digits and "
            + "punctuation");

    [Fact]
    public void ListenerOnTheAdminAddress_Overlaps() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: 0.0.0.0:8081 } ]
        """,
        "g.yaml:1:1: admin.address: the address overlaps with that of the listener 'a'; listen on "
            + "another address or port");
}
