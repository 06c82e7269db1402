namespace DataPlane.Gateway.Caching.Store;

/// <summary>Which compressor there is.</summary>
internal static class BlockCompressors
{
    /// <summary>
    /// LZ4: of the package when the gateway was built with <c>-p:FullFeed=true</c>, else the system's. Null when the
    /// system has none: nothing is compressed, which is worth a line in the log at the start.
    /// </summary>
    public static IBlockCompressor? Find() =>
#if FULL_FEED
        new K4osCompressor();
#else
        Lz4Compressor.TryLoad();
#endif
}
