namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>A decoded reply.</summary>
/// <param name="Code">0 is an answer, 3 says that there is no such name; others are failures (RFC 1035, 4.1.1).</param>
/// <param name="IsTruncated">The rest is to be had over TCP.</param>
/// <param name="Records">Of the answer and the additional section, without types we do not know.</param>
public sealed record DnsReply(int Code, bool IsTruncated, IReadOnlyList<DnsRecord> Records)
{
    public const int NoSuchName = 3;
}
