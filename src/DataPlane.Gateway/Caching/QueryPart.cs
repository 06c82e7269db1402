using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// The chosen parameters of a query as part of a key, in the policy's order, each as often as it comes. A query that
/// another parser may read otherwise is keyed whole: one with a semicolon, or with a name that is encoded. 0 bytes.
/// </summary>
internal static class QueryPart
{
    /// <summary>False, with nothing written, for a query that is to be keyed whole.</summary>
    public static bool TryWrite(ref HeadWriter writer, ReadOnlySpan<byte> query, byte[][] names)
    {
        if (!IsPlain(query)) return false;
        bool isFirst = true;
        foreach (byte[] name in names)
        {
            var rest = query;
            while (TryTake(ref rest, out var parameter))
            {
                if (!NameOf(parameter).SequenceEqual(name)) continue;
                writer.Put(isFirst ? (byte)'?' : (byte)'&');
                writer.Put(parameter);
                isFirst = false;
            }
        }
        return true;
    }

    private static bool IsPlain(ReadOnlySpan<byte> query)
    {
        if (query.Contains((byte)';')) return false;
        while (TryTake(ref query, out var parameter))
        {
            // Brackets and dots: some frameworks read user[name] and user.name as one.
            if (NameOf(parameter).ContainsAny("%+[].? "u8)) return false;
        }
        return true;
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> parameter)
    {
        int equals = parameter.IndexOf((byte)'=');
        return equals < 0 ? parameter : parameter[..equals];
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> parameter)
    {
        parameter = default;
        if (rest.IsEmpty) return false;
        int end = rest.IndexOf((byte)'&');
        parameter = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return true;
    }
}
