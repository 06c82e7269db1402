using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>cache</c>.</summary>
internal static class CacheBinder
{
    public static KeyTable DiskKeys { get; } = new(
        new ConfigKey("path", ValueShape.String, "Folder for the file, from the folder of this file.")
        {
            Required = true,
        },
        new ConfigKey("maxSize", ValueShape.Size(1 << 20, 1L << 44), "Bytes of the file.") { Default = "1GiB" });

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
        },
        new ConfigKey("disk", ValueShape.Section(DiskKeys), "Where responses go that have to leave memory."));

    public static CacheStoreConfig Bind(NodeReader reader)
    {
        var config = new CacheStoreConfig
        {
            Memory = reader.Size("memory"),
            Entry = reader.Size("entry"),
            CompressFrom = reader.Size("compressFrom"),
            Disk = reader.Node("disk") is null ? null : DiskOf(reader.Section("disk")),
        };
        if (config.Entry > config.Memory)
            reader.Error("entry", "is larger than the memory of all entries", "lower it, or raise memory");
        return config;
    }

    private static CacheDiskConfig DiskOf(NodeReader reader)
    {
        var config = new CacheDiskConfig
        {
            // That it is missing has been said.
            Path = reader.Node("path") is null ? "/" : FilePath.Of(reader, "path", reader.Mark.File),
            MaxSize = reader.Size("maxSize"),
        };
        if (File.Exists(config.Path)) reader.Error("path", "is a file", "write the path of a folder");
        return config;
    }
}
