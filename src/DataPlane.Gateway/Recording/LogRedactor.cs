using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Takes out of paths and queries what the log may not show. What it returns lies in its own arrays until it is asked
/// again for the same kind, cut at the kind's limit. One loop's; 0 bytes.
/// </summary>
internal sealed class LogRedactor(LogRules rules)
{
    private readonly byte[] _path = new byte[RecordingLimits.PathBytes];
    private readonly byte[] _query = new byte[RecordingLimits.QueryBytes];
    private readonly byte[] _referer = new byte[RecordingLimits.RefererBytes];

    /// <summary>Without the question mark, values of hidden names replaced.</summary>
    public ReadOnlySpan<byte> Query(ReadOnlySpan<byte> query) => _query.AsSpan(0, WriteQuery(query, _query));

    /// <summary>An address whose query, if it has one, is treated as a request's.</summary>
    public ReadOnlySpan<byte> Referer(ReadOnlySpan<byte> referer)
    {
        int mark = referer.IndexOf((byte)'?');
        if (mark < 0) return referer;
        int length = Put(referer[..(mark + 1)], _referer);
        return _referer.AsSpan(0, length + WriteQuery(referer[(mark + 1)..], _referer.AsSpan(length)));
    }

    /// <summary>
    /// The canonical path with <c>***</c> for each capture whose bit is set. Captures stand in the order of the path.
    /// </summary>
    public ReadOnlySpan<byte> Path(Exchange exchange, uint hidden)
    {
        var path = exchange.CanonicalPath;
        var captures = exchange.Match.Captures;
        int length = 0, at = 0;
        for (int each = 0; each < captures.Length; each++)
        {
            if ((hidden & (1u << each)) == 0) continue;
            length += Put(path[at..captures[each].Start], _path.AsSpan(length));
            length += Put("***"u8, _path.AsSpan(length));
            at = captures[each].End;
        }
        length += Put(path[at..], _path.AsSpan(length));
        return _path.AsSpan(0, length);
    }

    private int WriteQuery(ReadOnlySpan<byte> query, Span<byte> to)
    {
        int length = 0;
        while (true)
        {
            int end = query.IndexOf((byte)'&');
            var pair = end < 0 ? query : query[..end];
            int equals = pair.IndexOf((byte)'=');
            if (equals > 0 && rules.HidesParameter(pair[..equals]))
            {
                length += Put(pair[..(equals + 1)], to[length..]);
                length += Put("***"u8, to[length..]);
            }
            else
            {
                length += Put(pair, to[length..]);
            }
            if (end < 0 || length == to.Length) return length;
            length += Put("&"u8, to[length..]);
            query = query[(end + 1)..];
        }
    }

    /// <summary>As much as there is room for.</summary>
    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> to)
    {
        int length = Math.Min(bytes.Length, to.Length);
        bytes[..length].CopyTo(to);
        return length;
    }
}
