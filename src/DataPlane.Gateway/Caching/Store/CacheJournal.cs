using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>Where the store tells what an operator should know of it. Any thread.</summary>
public sealed class CacheJournal
{
    private ILogger? _logger;
    private bool _lacksCompressor;

    /// <summary>A store may be made before there is one: what it had to tell then is told now.</summary>
    public void LogTo(ILogger logger)
    {
        _logger = logger;
        if (_lacksCompressor) CacheLog.Uncompressed(logger);
    }

    /// <summary>Told once.</summary>
    internal void LacksCompressor()
    {
        if (_lacksCompressor) return;
        _lacksCompressor = true;
        if (_logger is { } logger) CacheLog.Uncompressed(logger);
    }

    internal void DiskFailed(string folder, int seconds, Exception failure)
    {
        if (_logger is { } logger) CacheLog.DiskFailed(logger, folder, seconds, failure.Message);
    }
}
