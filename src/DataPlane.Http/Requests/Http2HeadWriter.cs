using System.Text;
using DataPlane.Http.Headers;
using DataPlane.Http.WebSockets;

namespace DataPlane.Http.Requests;

/// <summary>
/// Writes the fields of an HTTP/2 request as the HTTP/1.1 head that <see cref="RequestHeadParser"/> reads, so that both
/// protocols are judged by one parser. What would change the shape of that head is refused here, byte by byte (RFC 9113
/// 8.2 and 8.3): HPACK carries any octet, also CR LF. Texts have one character per octet (Latin-1). 0 bytes.
/// </summary>
public ref struct Http2HeadWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Length { get; private set; }

    /// <summary>The destination was too small: the head is cut off at its end.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The first thing that is wrong; nothing was written since.</summary>
    public RequestFault Fault { get; private set; }

    /// <summary>Pairs of the cookie field beyond the first: each may have come as a field (RFC 9113 8.2.3).</summary>
    public int Crumbs { get; private set; }

    public void PutRequestLine(string method, string scheme, string target)
    {
        bool isKnown = scheme.Equals("http", StringComparison.OrdinalIgnoreCase)
            || scheme.Equals("https", StringComparison.OrdinalIgnoreCase);
        if (!isKnown) Refuse(RequestFault.UnsupportedScheme);
        int start = Length;
        Put(method);
        if (!FieldBytes.IsToken(_destination[start..Length])) Refuse(RequestFault.BadMethod);
        Put(" "u8);
        start = Length;
        Put(target);
        // The parser would take what stands behind a space for the version.
        if (_destination[start..Length].ContainsAny(TargetBytes.Stop)) Refuse(RequestFault.BadTargetByte);
        // No absolute-form here: the authority has a field of its own.
        if (method != "CONNECT" && target is not (['/', ..] or "*")) Refuse(RequestFault.BadTargetForm);
        Put(" HTTP/1.1\r\n"u8);
    }

    /// <summary>
    /// What an extended CONNECT asks for (RFC 8441 4), as HTTP/1.1 asks for it, with a key of our own: HTTP/2 has none,
    /// and one that the client sends has no meaning.
    /// </summary>
    public void PutUpgrade(string protocol)
    {
        Put("connection: Upgrade\r\nupgrade: "u8);
        int start = Length;
        Put(protocol);
        if (!FieldBytes.IsToken(_destination[start..Length])) Refuse(RequestFault.BadFieldValue);
        Span<byte> key = stackalloc byte[WebSocketKey.KeyBytes];
        WebSocketKey.Create(key);
        Put("\r\nsec-websocket-key: "u8);
        Put(key);
        Put("\r\n"u8);
    }

    public void PutField(string name, string value)
    {
        if (Fault != RequestFault.None) return;
        int start = Length;
        Put(name);
        var written = _destination[start..Length];
        if (written.IsEmpty && !IsCut) Refuse(RequestFault.EmptyFieldName);
        else if (written.ContainsAnyExcept(FieldBytes.Token)) Refuse(RequestFault.BadFieldName);
        Judge(KnownHeaders.Identify(written), value);
        Put(": "u8);
        start = Length;
        Put(value);
        written = _destination[start..Length];
        if (FieldBytes.IndexOfValueStop(written, 0) >= 0) Refuse(RequestFault.BadFieldValue);
        else if (HasOuterSpace(written)) Refuse(RequestFault.BadFieldValue);
        Put("\r\n"u8);
    }

    /// <summary>A body without Content-Length is told to the parser the HTTP/1.1 way.</summary>
    public void Finish(bool isChunked)
    {
        if (isChunked) Put("transfer-encoding: chunked\r\n"u8);
        Put("\r\n"u8);
    }

    private void Judge(KnownHeader known, string value)
    {
        switch (known)
        {
            // RFC 9113 8.2.2: these speak about an HTTP/1.1 connection; here they are an attempt to speak for us.
            case KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.ProxyConnection:
            case KnownHeader.TransferEncoding or KnownHeader.Upgrade or KnownHeader.Http2Settings:
            case KnownHeader.Te when !value.Equals("trailers", StringComparison.OrdinalIgnoreCase):
                Refuse(RequestFault.ConnectionField);
                break;
            case KnownHeader.Cookie:
                Crumbs += value.AsSpan().Count("; ");
                break;
        }
    }

    private static bool HasOuterSpace(ReadOnlySpan<byte> value) =>
        !value.IsEmpty && (FieldBytes.IsWhiteSpace(value[0]) || FieldBytes.IsWhiteSpace(value[^1]));

    private void Put(string text)
    {
        var room = _destination[Length..];
        int count = Math.Min(text.Length, room.Length);
        IsCut |= count < text.Length;
        Length += Encoding.Latin1.GetBytes(text.AsSpan(0, count), room);
    }

    private void Put(scoped ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, _destination.Length - Length);
        IsCut |= count < bytes.Length;
        bytes[..count].CopyTo(_destination[Length..]);
        Length += count;
    }

    private void Refuse(RequestFault fault)
    {
        if (Fault == RequestFault.None) Fault = fault;
    }
}
