namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// What tells a changed file from the same one without reading it. Links are followed to their end, so that swapping
/// one (as Kubernetes does with the folder of a ConfigMap) shows even when sizes and times are equal.
/// </summary>
internal sealed record FileStamp(string Target, long ModifiedTicks, long Bytes)
{
    /// <summary>Of a file that is not there, or may not be looked at.</summary>
    public static FileStamp Missing { get; } = new("", 0, -1);

    public static FileStamp Of(string path)
    {
        try
        {
            string real = RealPath(Path.GetFullPath(path));
            var file = new FileInfo(real);
            return file.Exists ? new FileStamp(real, file.LastWriteTimeUtc.Ticks, file.Length) : Missing;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Missing;
        }
    }

    // The links may be in the middle of the path: /etc/gateway/..data/gateway.yaml.
    private static string RealPath(string path)
    {
        const int mostLinks = 40;
        for (int followed = 0; followed < mostLinks; followed++)
        {
            string? next = FollowFirstLink(path);
            if (next is null) return path;
            path = next;
        }
        throw new IOException($"too many links: {path}");
    }

    private static string? FollowFirstLink(string path)
    {
        for (int end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            string part = end < 0 ? path : path[..end];
            if (new FileInfo(part).LinkTarget is { } target)
            {
                string rest = end < 0 ? "" : path[(end + 1)..];
                return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(part) ?? "/", target, rest));
            }
            if (end < 0) return null;
        }
    }
}
