namespace DataPlane.Http.ProxyProtocol;

/// <summary>
/// The PROXY protocol's header, versions 1 and 2, at the beginning of a connection. Strict: one form for everything,
/// and what is reserved is refused. A pure function of the bytes; while they are incomplete it looks at no more than
/// the first 107 of them. Version 2 allocates nothing, version 1 its two addresses, 80 bytes; any thread.
/// Source: The PROXY protocol, versions 1 and 2 (haproxy, doc/proxy-protocol.txt).
/// </summary>
public static class ProxyHeaderParser
{
    /// <summary>
    /// Longest header taken, in bytes. Version 2 could announce 64 KiB; the longest that is known to be sent, with a
    /// client's certificate names in it, has some hundreds.
    /// </summary>
    public const int MaxBytes = 4096 + ProxyHeaderV2.HeadBytes;

    /// <summary>
    /// <paramref name="bytes"/> is everything received so far; <paramref name="header"/> is filled anew.
    /// </summary>
    public static ProxyHeaderStatus Parse(ReadOnlySpan<byte> bytes, ProxyHeader header)
    {
        header.Reset();
        if (bytes.IsEmpty) return ProxyHeaderStatus.Incomplete;
        if (MayBegin(bytes, ProxyHeaderV1.Signature)) return ProxyHeaderV1.Parse(bytes, header);
        return MayBegin(bytes, ProxyHeaderV2.Signature)
            ? ProxyHeaderV2.Parse(bytes, header)
            : ProxyHeaderStatus.Absent;
    }

    internal static ProxyHeaderStatus Refuse(ProxyHeader header, ProxyHeaderFault fault)
    {
        header.Fault = fault;
        return ProxyHeaderStatus.Invalid;
    }

    private static bool MayBegin(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        int common = Math.Min(bytes.Length, signature.Length);
        return bytes[..common].SequenceEqual(signature[..common]);
    }
}
