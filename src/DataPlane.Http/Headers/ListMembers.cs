namespace DataPlane.Http.Headers;

/// <summary>Walks a comma-separated list of tokens (RFC 9110 5.6.1). Not for quoted members.</summary>
internal static class ListMembers
{
    /// <summary>Takes the next member, trimmed, off the front; members may be empty. False at the end.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> member)
    {
        if (rest.IsEmpty)
        {
            member = default;
            return false;
        }

        var comma = rest.IndexOf((byte)',');
        var end = comma < 0 ? rest.Length : comma;
        var range = FieldBytes.Trim(rest, 0, end);
        member = range.Of(rest);
        rest = comma < 0 ? default : rest[(comma + 1)..];
        return true;
    }
}
