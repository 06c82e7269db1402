namespace DataPlane.Lambda.Calling;

/// <summary>
/// How REST APIs tell a path: slashes in front are one, those within stay, and a rest that is captured ends without
/// one. Pure; 0 bytes. Source: events recorded on AWS.
/// </summary>
internal static class RestPath
{
    public static ReadOnlySpan<byte> WithoutLeadingSlashes(ReadOnlySpan<byte> path)
    {
        while (path.StartsWith("//"u8)) path = path[1..];
        return path;
    }

    /// <summary>
    /// What <paramref name="captured"/>, of the path as it was matched, was as the client wrote it, from a segment on.
    /// </summary>
    public static ReadOnlySpan<byte> TailOf(ReadOnlySpan<byte> path, int segment, ReadOnlySpan<byte> captured)
    {
        var rest = path;
        for (int at = 0; at < segment; at++)
        {
            int slash = rest.IndexOf((byte)'/');
            if (slash < 0) return captured;
            rest = rest[slash..].TrimStart((byte)'/');
        }
        rest = rest.TrimEnd((byte)'/');
        captured = captured.TrimEnd((byte)'/');
        // With dots or escapes it was matched as another path than it was written: then that one counts.
        return IsSame(rest, captured) ? rest : captured;
    }

    /// <summary>But for slashes that follow slashes.</summary>
    private static bool IsSame(ReadOnlySpan<byte> written, ReadOnlySpan<byte> matched)
    {
        int at = 0;
        for (int index = 0; index < written.Length; index++)
        {
            if (written[index] == '/' && index > 0 && written[index - 1] == '/') continue;
            if (at == matched.Length || written[index] != matched[at++]) return false;
        }
        return at == matched.Length;
    }
}
