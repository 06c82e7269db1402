using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>cache</c>.</summary>
internal static class CacheBinder
{
    public static KeyTable Keys { get; } = new(
        new ConfigKey("memory", ValueShape.Size(1 << 20, 1L << 40), "Bytes that stored responses may take.")
        {
            Default = "64MiB",
        },
        new ConfigKey("entry", ValueShape.Size(1 << 10, 1L << 30), "Bytes of the largest response that is stored.")
        {
            Default = "8MiB",
        },
        new ConfigKey(
            "compressFrom", ValueShape.Size(0, 1L << 30), "Bodies from this size are compressed; 0 for none.")
        {
            Default = "4KiB",
        });

    public static CacheStoreConfig Bind(NodeReader reader)
    {
        var config = new CacheStoreConfig
        {
            Memory = reader.Size("memory"),
            Entry = reader.Size("entry"),
            CompressFrom = reader.Size("compressFrom"),
        };
        if (config.Entry > config.Memory)
            reader.Error("entry", "is larger than the memory of all entries", "lower it, or raise memory");
        return config;
    }
}
