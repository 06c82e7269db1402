using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Http.Caching;

/// <summary>The conditions of a request as a cache answers them (RFC 9111 4.3.2). Any thread; 0 bytes.</summary>
public static class Preconditions
{
    /// <summary>What a cache can decide by a stored response.</summary>
    public static bool HasAny(RequestHead request) =>
        request.Has(KnownHeader.IfNoneMatch) || request.Has(KnownHeader.IfModifiedSince);

    /// <summary>Conditions that are only the upstream's to decide.</summary>
    public static bool AreOfTheUpstream(RequestHead request) =>
        request.Has(KnownHeader.IfMatch) || request.Has(KnownHeader.IfUnmodifiedSince);

    /// <summary>
    /// True when the client has it: 304. <paramref name="changed"/> is when the response last changed, by its
    /// Last-Modified or else its Date; -1 for unknown.
    /// </summary>
    public static bool IsNotModified(
        RequestHead request, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tag, long changed, long now)
    {
        if (request.Has(KnownHeader.IfNoneMatch))
        {
            foreach (ref readonly var field in request.Fields)
            {
                if (field.Known != KnownHeader.IfNoneMatch) continue;
                if (EntityTags.MatchesAny(field.Value(head), tag)) return true;
            }
            // RFC 9110 13.1.3: then If-Modified-Since does not count.
            return false;
        }
        return request.TryFind(KnownHeader.IfModifiedSince, out var since) && changed >= 0
            && HttpDate.TryParse(since.Value(head), now, out long known) && changed <= known;
    }

    /// <summary>False: the client's part is of another version, so it gets the whole (RFC 9110 13.1.5).</summary>
    public static bool HoldsRange(
        RequestHead request, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tag, long modified, long date, long now)
    {
        if (!request.TryFind(KnownHeader.IfRange, out var field)) return true;
        var value = field.Value(head);
        if (value.StartsWith("\""u8) || value.StartsWith("W/"u8)) return EntityTags.IsSameStrong(value, tag);
        // 8.8.2.2: strong when it was a minute old, at least, when it was sent.
        return HttpDate.TryParse(value, now, out long known) && known == modified && modified + 60 <= date;
    }
}
