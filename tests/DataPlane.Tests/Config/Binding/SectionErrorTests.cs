namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes that any section can have.</summary>
public sealed class SectionErrorTests
{
    [Fact]
    public void UnknownKey_SuggestsTheNearest() => ConfigText.Fails(
        """
        listners: []
        """,
        "g.yaml:1:1: listners: unknown key 'listners'; did you mean 'listeners'?");

    [Fact]
    public void UnknownKeyInAnotherStyle_SuggestsTheNearest() => ConfigText.Fails(
        """
        limits: { idle_timeout: 5s }
        """,
        "g.yaml:1:11: limits.idle_timeout: unknown key 'idle_timeout'; did you mean 'idleTimeout'?");

    [Fact]
    public void UnknownKeyLikeNoOther_ListsAll() => ConfigText.Fails(
        """
        transport: { kind: epoll, zzzzzz: 1 }
        """,
        "g.yaml:1:27: transport.zzzzzz: unknown key 'zzzzzz'; known keys are: kind, loops, reusePort, ioUring, "
            + "batchScheduling");

    [Fact]
    public void TextInsteadOfFile_IsRefused() => ConfigText.Fails(
        """
        hello
        """,
        "g.yaml:1:1: is a single value; write a mapping of listeners, admin, invokeApi, limits, forwarding, "
            + "accessLog, log, tracing, metrics, transport, dns, cache, upstreams, functions, queue, policies, "
            + "routes, include, rollout");

    [Fact]
    public void ListInsteadOfFile_IsRefused() => ConfigText.Fails(
        """
        [a]
        """,
        "g.yaml:1:1: is a list; write a mapping of listeners, admin, invokeApi, limits, forwarding, accessLog, "
            + "log, tracing, metrics, transport, dns, cache, upstreams, functions, queue, policies, routes, "
            + "include, rollout");

    [Fact]
    public void TextInsteadOfList_ShowsTheForm() => ConfigText.Fails(
        """
        listeners: x
        """,
        "g.yaml:1:12: listeners: is a single value; write a list: [one, two], or one '- item' a line");

    [Fact]
    public void TextInsteadOfMapping_ShowsTheKeys() => ConfigText.Fails(
        """
        accessLog: off
        """,
        "g.yaml:1:12: accessLog: is a single value; write a mapping of to, format, sample, query, "
            + "redact, syslog");

    [Fact]
    public void ListInsteadOfNamedEntries_ShowsTheForm() => ConfigText.Fails(
        """
        upstreams: [ a ]
        """,
        "g.yaml:1:12: upstreams: is a list; write a mapping of names to values");

    [Fact]
    public void MappingInsteadOfValue_IsRefused() => ConfigText.Fails(
        """
        limits: { connections: {} }
        """,
        "g.yaml:1:24: limits.connections: is a mapping; write a single value");

    [Fact]
    public void KeysOfLaterVersions_AreToldApartFromUnknownOnes() => ConfigText.Fails(
        """
        apis: []
        """,
        "g.yaml:1:1: apis: is not in this version; remove it: AWS definitions arrive in a later version");

    [Fact]
    public void SeveralMistakes_AreReportedAtOnceInFileOrder() => ConfigText.Fails(
        """
        routes: [ { match: { path: x } } ]
        limits: { connections: 0 }
        listners: []
        """,
        "g.yaml:1:11: routes[0].to: is required; add 'to: ...'",
        "g.yaml:1:28: routes[0].match.path: a path starts with '/'; add the '/'",
        "g.yaml:2:24: limits.connections: '0' is out of range; write a value from 1 to 10000000",
        "g.yaml:3:1: listners: unknown key 'listners'; did you mean 'listeners'?");
}
