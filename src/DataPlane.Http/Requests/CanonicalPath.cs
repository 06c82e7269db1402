using System.Buffers;

namespace DataPlane.Http.Requests;

/// <summary>The one path that routes, policies, cache keys and logs go by. Any thread; 0 bytes.</summary>
public static class CanonicalPath
{
    /// <summary>Bytes that make a path more than a copy. Dots and doubled slashes are looked for apart.</summary>
    private static readonly SearchValues<byte> s_special = SearchValues.Create(SpecialBytes());

    /// <summary>
    /// Decodes escapes of unreserved characters, writes the other escapes in upper case, merges slashes, removes dot
    /// segments and path parameters, keeps case and trailing slash; refuses what upstreams could read as another path.
    /// The result begins with <c>/</c> and never grows: <paramref name="destination"/> needs
    /// <c>rawPath.Length + 1</c> bytes, the one more being for the empty path of an absolute-form. After a fault
    /// <paramref name="length"/> is 0 and the destination's content undefined. <paramref name="isKnownPlain"/>: the
    /// parser has found that the path is its own canonical form (<see cref="RequestHead.HasPlainPath"/>). Source:
    /// RFC 3986 6.2.2, made stricter by the bypasses of CVE-2019-9901, CVE-2021-29492 and CVE-2025-66490.
    /// </summary>
    public static PathFault Write(
        ReadOnlySpan<byte> rawPath, Span<byte> destination, out int length, out PathTraits traits,
        bool isKnownPlain = false)
    {
        if (!isKnownPlain && !IsPlain(rawPath))
            return WriteBySegments(rawPath, destination, out length, out traits);
        rawPath.CopyTo(destination);
        length = rawPath.Length;
        traits = PathTraits.None;
        return PathFault.None;
    }

    /// <summary>The slow path; for plain paths it gives what <see cref="Write"/> gives, which a test proves.</summary>
    internal static PathFault WriteBySegments(
        ReadOnlySpan<byte> rawPath, Span<byte> destination, out int length, out PathTraits traits)
    {
        if (rawPath.IsEmpty)
        {
            destination[0] = (byte)'/';
            length = 1;
            traits = PathTraits.Rewritten;
            return PathFault.None;
        }

        var canonicalizer = new PathCanonicalizer(rawPath, destination);
        var fault = canonicalizer.Run();
        length = fault == PathFault.None ? canonicalizer.Length : 0;
        traits = canonicalizer.Traits;
        if (fault == PathFault.None && !rawPath.SequenceEqual(destination[..length]))
            traits |= PathTraits.Rewritten;
        return fault;
    }

    /// <summary>A dot behind a slash may belong to a name such as <c>/.well-known</c>; that is rare enough to let the
    /// slow path tell.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> path) =>
        !path.IsEmpty
        && path[0] == '/'
        && !path.ContainsAny(s_special)
        && path.IndexOf("//"u8) < 0
        && path.IndexOf("/."u8) < 0;

    private static byte[] SpecialBytes()
    {
        var special = new List<byte>("%;?"u8.ToArray());
        for (var b = 0; b <= byte.MaxValue; b++)
        {
            if (TargetBytes.Stop.Contains((byte)b))
                special.Add((byte)b);
        }

        return special.ToArray();
    }
}
