using System.Text;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Http.WebSockets;

/// <summary>
/// Reads what the two heads of a change of protocol say (RFC 9110 7.8, RFC 6455 4). Pure functions; 0 bytes.
/// </summary>
public static class UpgradeFields
{
    private static ReadOnlySpan<byte> Version => "13"u8;

    /// <summary>The client's Upgrade lists this protocol.</summary>
    public static bool Asks(RequestHead request, ReadOnlySpan<byte> head, ReadOnlySpan<byte> protocol)
    {
        foreach (ref readonly var field in request.Fields)
        {
            if (field.Known == KnownHeader.Upgrade && Lists(field.Value(head), protocol)) return true;
        }
        return false;
    }

    /// <summary>Whether a server may take this request for the beginning of a WebSocket (RFC 6455 4.2.1).</summary>
    public static HandshakeFault CheckWebSocket(RequestHead request, ReadOnlySpan<byte> head)
    {
        if (request.VersionMinor == 0) return HandshakeFault.OldHttp;
        if (request.Method != RequestMethod.Get) return HandshakeFault.NotGet;
        if (request.HasBody) return HandshakeFault.HasBody;
        if (!TryFindOnly(request.Fields, KnownHeader.SecWebSocketVersion, out var version)
            || !version.Value(head).SequenceEqual(Version))
            return HandshakeFault.BadVersion;
        return TryFindOnly(request.Fields, KnownHeader.SecWebSocketKey, out var key)
            && WebSocketKey.IsValid(key.Value(head))
                ? HandshakeFault.None
                : HandshakeFault.BadKey;
    }

    /// <summary>A 101 that changes to just the protocol that was asked for.</summary>
    public static bool Changes(ResponseHead answer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> protocol) =>
        (answer.Section.Options & ConnectionOptions.Upgrade) != 0
        && TryFindOnly(answer.Fields, KnownHeader.Upgrade, out var upgrade)
        && Ascii.EqualsIgnoreCase(upgrade.Value(head), protocol);

    /// <summary>
    /// The 101 proves that its sender has read the key, and chooses only what the client offered (RFC 6455 4.1):
    /// anything else did not mean a WebSocket, or not this one.
    /// </summary>
    public static bool Accepts(
        ResponseHead answer, ReadOnlySpan<byte> answerBytes, RequestHead request, ReadOnlySpan<byte> requestBytes)
    {
        Span<byte> expected = stackalloc byte[WebSocketKey.AcceptBytes];
        if (!request.TryFind(KnownHeader.SecWebSocketKey, out var key)) return false;
        WebSocketKey.Accept(key.Value(requestBytes), expected);
        return TryFindOnly(answer.Fields, KnownHeader.SecWebSocketAccept, out var accept)
            && accept.Value(answerBytes).SequenceEqual(expected)
            && ChoosesOfferedProtocol(answer, answerBytes, request, requestBytes)
            && ChoosesOfferedExtensions(answer, answerBytes, request, requestBytes);
    }

    private static bool ChoosesOfferedProtocol(
        ResponseHead answer, ReadOnlySpan<byte> answerBytes, RequestHead request, ReadOnlySpan<byte> requestBytes)
    {
        if (!answer.Has(KnownHeader.SecWebSocketProtocol)) return true;
        if (!TryFindOnly(answer.Fields, KnownHeader.SecWebSocketProtocol, out var chosen)) return false;
        foreach (ref readonly var field in request.Fields)
        {
            if (field.Known != KnownHeader.SecWebSocketProtocol) continue;
            var rest = field.Value(requestBytes);
            // Names of subprotocols are compared as they are (RFC 6455 4.1).
            while (ListMembers.TryTake(ref rest, out var offered))
            {
                if (offered.Length > 0 && offered.SequenceEqual(chosen.Value(answerBytes))) return true;
            }
        }
        return false;
    }

    private static bool ChoosesOfferedExtensions(
        ResponseHead answer, ReadOnlySpan<byte> answerBytes, RequestHead request, ReadOnlySpan<byte> requestBytes)
    {
        foreach (ref readonly var field in answer.Fields)
        {
            if (field.Known != KnownHeader.SecWebSocketExtensions) continue;
            var rest = field.Value(answerBytes);
            while (TryTakeExtension(ref rest, out var chosen))
            {
                if (!IsOffered(chosen, request, requestBytes)) return false;
            }
        }
        return true;
    }

    private static bool IsOffered(
        ReadOnlySpan<byte> extension, RequestHead request, ReadOnlySpan<byte> requestBytes)
    {
        foreach (ref readonly var field in request.Fields)
        {
            if (field.Known != KnownHeader.SecWebSocketExtensions) continue;
            var rest = field.Value(requestBytes);
            while (TryTakeExtension(ref rest, out var offered))
            {
                if (Ascii.EqualsIgnoreCase(offered, extension)) return true;
            }
        }
        return false;
    }

    /// <summary>
    /// The next extension's name. Values may be quoted, but then hold a token (RFC 6455 9.1): no comma.
    /// </summary>
    private static bool TryTakeExtension(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name)
    {
        while (ListMembers.TryTake(ref rest, out var member))
        {
            int end = member.IndexOf((byte)';');
            name = end < 0 ? member : member[..end].TrimEnd(" \t"u8);
            if (!member.IsEmpty) return true;
        }
        name = default;
        return false;
    }

    private static bool Lists(ReadOnlySpan<byte> list, ReadOnlySpan<byte> wanted)
    {
        while (ListMembers.TryTake(ref list, out var member))
        {
            if (Ascii.EqualsIgnoreCase(member, wanted)) return true;
        }
        return false;
    }

    /// <summary>False when the field is absent or there twice.</summary>
    private static bool TryFindOnly(ReadOnlySpan<HeaderField> fields, KnownHeader known, out HeaderField found)
    {
        found = default;
        bool isFound = false;
        foreach (ref readonly var field in fields)
        {
            if (field.Known != known) continue;
            if (isFound) return false;
            isFound = true;
            found = field;
        }
        return isFound;
    }
}
