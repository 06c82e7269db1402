using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Caching.Store;

internal static partial class CacheLog
{
    [LoggerMessage(
        1, LogLevel.Warning,
        "Stored responses are not compressed: there is no liblz4.so.1 (Debian: liblz4-1). Install it and restart, or "
        + "set cache.compressFrom to 0.")]
    public static partial void Uncompressed(ILogger logger);

    [LoggerMessage(
        2, LogLevel.Warning,
        "The cache's disk {Folder} failed: {Problem} What was on it is dropped, and nothing is written for {Seconds} "
        + "s.")]
    public static partial void DiskFailed(ILogger logger, string folder, int seconds, string problem);
}
