using System.Text;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Targets as the URIs the runtime wants, which cost a microsecond to make. Each thread remembers the last short ones,
/// in a table of fixed size: a gRPC service has few methods, and what clients invent must not pile up.
/// </summary>
internal static class TargetUris
{
    private const int Places = 256;
    private const int MostBytes = 256;

    // The target goes out byte by byte as it was rendered, dot segments and all.
    private static readonly UriCreationOptions s_asItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    [ThreadStatic]
    private static (string Origin, byte[] Target, Uri Uri)[]? t_uris;

    /// <summary>Null for a target of more than 64 KiB.</summary>
    public static Uri? Of(string origin, ReadOnlySpan<byte> target)
    {
        if (target.Length > MostBytes) return Make(origin, target);
        uint hash = 2166136261;
        foreach (byte each in target) hash = (hash ^ each) * 16777619;
        ref var place = ref (t_uris ??= new (string, byte[], Uri)[Places])[hash % Places];
        if (ReferenceEquals(place.Origin, origin) && target.SequenceEqual(place.Target)) return place.Uri;
        if (Make(origin, target) is not { } made) return null;
        place = (origin, target.ToArray(), made);
        return made;
    }

    private static Uri? Make(string origin, ReadOnlySpan<byte> target)
    {
        string url = string.Concat(origin, Encoding.ASCII.GetString(target));
        return Uri.TryCreate(url, in s_asItIs, out var uri) ? uri : null;
    }
}
