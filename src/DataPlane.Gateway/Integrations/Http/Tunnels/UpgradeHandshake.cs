using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Tunnels;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http.Headers;
using DataPlane.Http.WebSockets;

namespace DataPlane.Gateway.Integrations.Http.Tunnels;

/// <summary>
/// Decides whether a request asks for a change of protocol that its route allows, and whether the upstream's 101
/// answers it. A protocol the route does not name is not asked for: Upgrade ends at this hop, as ever (h2c smuggling).
/// </summary>
internal static class UpgradeHandshake
{
    private static readonly LocalReply[] s_replies = Array.ConvertAll(Enum.GetValues<HandshakeFault>(), ReplyTo);

    /// <summary>
    /// True: the exchange goes on, with <see cref="Exchange.Upgrade"/> when it is to become a tunnel, which then counts
    /// as one of the route's. False: <paramref name="refusal"/>, and perhaps a reply, says why not.
    /// </summary>
    public static bool TryBegin(Exchange exchange, ResponseSink sink, out ExchangeOutcome refusal)
    {
        refusal = ExchangeOutcome.Completed;
        var request = exchange.Request;
        var route = exchange.Route!;
        if (route.Upgrades is not { } upgrades || (!request.HasUpgrade && request.VersionMinor > 0)) return true;
        var head = exchange.HeadBytes;
        if (upgrades.Find(request, head) is not { } protocol) return true;
        var fault = protocol.IsWebSocket ? UpgradeFields.CheckWebSocket(request, head)
            : request.HasBody ? HandshakeFault.HasBody
            : HandshakeFault.None;
        if (fault != HandshakeFault.None)
        {
            exchange.Reply = s_replies[(int)fault];
            refusal = ExchangeOutcome.BadHandshake;
            return false;
        }
        // Of another protocol HTTP/1.0 asks in vain: it has no Upgrade (RFC 9110 7.8).
        if (request.VersionMinor == 0) return true;
        if (!sink.CanTunnel)
        {
            refusal = ExchangeOutcome.Draining;
            return false;
        }
        var counts = upgrades.Registry.Of(route.Id);
        if (!counts.TryEnter(upgrades.Most))
        {
            refusal = ExchangeOutcome.TooManyTunnels;
            return false;
        }
        exchange.Upgrade = new Upgrade(protocol, upgrades, counts);
        return true;
    }

    /// <summary>Whether the upstream's 101 is the answer to the client's handshake.</summary>
    public static bool IsAnswered(Exchange exchange, UpstreamConnection connection)
    {
        var protocol = exchange.Upgrade!.Protocol;
        var answer = connection.Head;
        var bytes = connection.HeadBytes.AsSpan(0, answer.HeadLength);
        return UpgradeFields.Changes(answer, bytes, protocol.TokenUtf8)
            && (!protocol.IsWebSocket
                || UpgradeFields.Accepts(answer, bytes, exchange.Request, exchange.HeadBytes));
    }

    private static LocalReply ReplyTo(HandshakeFault fault)
    {
        string detail = fault switch
        {
            HandshakeFault.NotGet => "A WebSocket begins with GET.",
            HandshakeFault.OldHttp => "HTTP/1.0 cannot change to another protocol.",
            HandshakeFault.HasBody => "A request that changes the protocol has no body.",
            HandshakeFault.BadKey => "Sec-WebSocket-Key is not the base64 of 16 bytes, or not there once.",
            HandshakeFault.BadVersion => "Sec-WebSocket-Version must be 13.",
            _ => "",
        };
        // RFC 6455 4.4, RFC 9110 15.5.22: 426 says which version, and protocol, it would take.
        return fault == HandshakeFault.BadVersion
            ? LocalReply.Problem(
                426, StatusLines.Title(426), detail,
                "Sec-WebSocket-Version: 13\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
            : LocalReply.Problem(400, StatusLines.Title(400), detail);
    }
}
