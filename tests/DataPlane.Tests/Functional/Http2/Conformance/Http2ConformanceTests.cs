using DataPlane.Http.Http2;
using DataPlane.Tests.Functional.Harness;
using static DataPlane.Tests.Functional.Http2.Conformance.Frames;
using static DataPlane.Tests.Functional.Http2.Conformance.Steps;

namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>
/// What the suite h2spec asks of a server (149 cases), and four cases more, in rows of our own against the running
/// gateway: once answered by the gateway itself with every frame written by itself, and once by an upstream with all
/// frames of a step in one write. Stricter than h2spec: an error has to be told, not only to end the connection.
/// </summary>
public sealed class Http2ConformanceTests(ConformanceGateways gateways) : IClassFixture<ConformanceGateways>
{
    private static readonly ConformanceCase[][] s_groups =
    [
        GoodFrameCases.Rows, GoodHpackCases.Rows, StartCases.Rows, StreamCases.Rows, FrameCases.Rows, FlowCases.Rows,
        ContinuationCases.Rows, MessageCases.Rows, HpackCases.Rows,
    ];

    private static readonly Dictionary<string, ConformanceCase> s_cases =
        s_groups.SelectMany(group => group).ToDictionary(each => each.Title, StringComparer.Ordinal);

    private static readonly ConformanceCase[] s_wrong =
    [
        new("", "another code of the connection", Send(Data(0)), GetConnectionError(Http2ErrorCode.FrameSizeError)),
        new("", "another code of the stream",
            Send(Get(1, (":test", "ok"))), GetStreamError(Http2ErrorCode.FlowControlError)),
        new("", "no error of the connection",
            Send(Get(1), GoAway(Http2ErrorCode.NoError)), GetConnectionError(Http2ErrorCode.ProtocolError)),
        new("", "no error of the stream",
            Send(Get(1), GoAway(Http2ErrorCode.NoError)), GetStreamError(Http2ErrorCode.ProtocolError)),
        new("", "an error instead of an answer", Send(Get(2)), GetAnswer(2)),
        new("", "an error instead of a close", Send(Data(0)), GetClose()),
        new("", "another status", Send(Headers(1, Hpack.Write(
            (":method", "GET"), (":scheme", "http"), (":path", "/none"), (":authority", Host)))), GetWholeAnswer()),
        new("", "another length", Send(Window(2)), GetSettingsAck(), Send(Get(1)), GetData(1)),
        new("", "another PING", Send(Ping("one ping")), GetPong("two ping")),
        new("", "an end behind the last step", Send(Get(1)), GetWholeAnswer(), Send(Data(0))),
    ];

    public static TheoryData<string> Wrong => [.. s_wrong.Select(each => each.Title)];

    public static TheoryData<Wire, bool, string> InCleartext
    {
        get
        {
            var data = new TheoryData<Wire, bool, string>();
            foreach (var wire in Wires)
            {
                foreach (var each in s_cases.Values)
                {
                    if (!each.NeedsOpenStream) data.Add(wire, p2: false, each.Title);
                    data.Add(wire, p2: true, each.Title);
                }
            }
            return data;
        }
    }

    /// <summary>The frames are the same behind TLS: the first case of each group will do.</summary>
    public static TheoryData<Wire, string> OverTls
    {
        get
        {
            var data = new TheoryData<Wire, string>();
            foreach (var wire in Wires)
            {
                foreach (var group in s_groups) data.Add(wire, group[0].Title);
            }
            return data;
        }
    }

    private static Wire[] Wires => OperatingSystem.IsLinux() ? [Wire.Epoll, Wire.Sockets] : [Wire.Sockets];

    [Theory]
    [MemberData(nameof(InCleartext))]
    public async Task Rule_IsKept(Wire wire, bool isProxied, string title)
    {
        var gateway = await gateways.InCleartextAsync(wire, isProxied);
        await RunAsync(await gateway.ConnectAsync(), joins: isProxied, s_cases[title]);
        Assert.Empty(gateway.Logged);
    }

    [Theory]
    [MemberData(nameof(OverTls))]
    public async Task RuleOverTls_IsKept(Wire wire, string title) =>
        await RunAsync(await gateways.ConnectByTlsAsync(wire), joins: false, s_cases[title]);

    /// <summary>Who has agreed on h2 gets no answer of HTTP/1.1, as a client in cleartext would.</summary>
    [Theory]
    [SocketWire]
    public async Task BadPrefaceOverTls_IsAnErrorOfTheConnection(Wire wire)
    {
        var rule = new ConformanceCase(
            "3.4", "a preface that is none, over TLS",
            SendRaw("INVALID CONNECTION PREFACE\r\n\r\n"), GetConnectionError(Http2ErrorCode.ProtocolError))
        { IsBare = true };
        await RunAsync(await gateways.ConnectByTlsAsync(wire), joins: false, rule);
    }

    /// <summary>A case that hears nothing, or something else, has not passed.</summary>
    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task WrongExpectation_IsMissed(string title)
    {
        var gateway = await gateways.InCleartextAsync(Wire.Sockets, isProxied: false);
        var rule = s_wrong.Single(each => each.Title == title);
        var connection = await gateway.ConnectAsync();
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => RunAsync(connection, joins: false, rule));
    }

    /// <summary>The number that docs/http2.md tells.</summary>
    [Fact]
    public void Cases_AreAsManyAsTold() => Assert.Equal(153, s_cases.Count);

    private static async Task RunAsync(RawPeer connection, bool joins, ConformanceCase rule)
    {
        await using var peer = new ConformancePeer(connection, joins);
        if (!rule.IsBare) await peer.HandshakeAsync();
        foreach (var step in rule.Steps) await step(peer);
        if (!rule.IsBare && !peer.IsEnding) await AssertAliveAsync(peer);
    }
}
