using DataPlane.Http.Headers;

namespace DataPlane.Http.Http2;

/// <summary>What the fields of a response or of its trailers may be (RFC 9113 8.2). Any thread; 0 bytes.</summary>
public static class Http2Fields
{
    /// <summary>
    /// False for a field that makes its message malformed: a name that is no lower-case token, a value with a control
    /// byte or white space at an end, a field that speaks about an HTTP/1.1 connection.
    /// </summary>
    public static bool IsGood(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.IsEmpty || FieldBytes.CountToken(name) < name.Length) return false;
        if (name.ContainsAnyInRange((byte)'A', (byte)'Z') || FieldBytes.IndexOfValueStop(value, 0) >= 0) return false;
        return !HasOuterSpace(value) && !IsAboutConnections(KnownHeaders.Identify(name));
    }

    private static bool HasOuterSpace(ReadOnlySpan<byte> value) =>
        !value.IsEmpty && (FieldBytes.IsWhiteSpace(value[0]) || FieldBytes.IsWhiteSpace(value[^1]));

    private static bool IsAboutConnections(KnownHeader known) => known
        is KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.ProxyConnection
        or KnownHeader.TransferEncoding or KnownHeader.Upgrade or KnownHeader.Te;
}
