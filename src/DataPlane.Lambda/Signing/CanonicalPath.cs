using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Signing;

/// <summary>The path of a canonical request: escaped once more than on the wire. Pure; 0 bytes.</summary>
internal static class CanonicalPath
{
    public static void Append(PayloadBuffer output, ReadOnlySpan<byte> path, bool normalizes)
    {
        if (path.IsEmpty) path = "/"u8;
        int start = output.Length;
        bool isFirst = true;
        foreach (var range in path.Split((byte)'/'))
        {
            var segment = path[range];
            // What is in front of the first slash is no segment.
            bool isLead = isFirst && segment.IsEmpty;
            isFirst = false;
            if (isLead) continue;
            if (normalizes)
            {
                if (segment.IsEmpty || segment.SequenceEqual("."u8)) continue;
                if (segment.SequenceEqual(".."u8))
                {
                    int last = output.Span[start..].LastIndexOf((byte)'/');
                    output.Truncate(start + Math.Max(last, 0));
                    continue;
                }
            }
            output.Append("/"u8);
            UriEscapes.AppendEscaped(output, segment);
        }
        bool needsEnd = output.Length == start || (normalizes && path[^1] == '/');
        if (needsEnd) output.Append("/"u8);
    }
}
