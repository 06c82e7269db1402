using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>queue</c>.</summary>
internal static class QueueBinder
{
    private const int MostEntries = 10_000_000;

    public static KeyTable Keys { get; } = new(
        new ConfigKey("path", ValueShape.String,
            "File of the database that keeps events, from the folder of this file.")
        {
            Default = QueueConfig.StandardFile,
        },
        new ConfigKey("entries", ValueShape.Integer(1, MostEntries), "Events that may wait; 429 beyond.")
        {
            Default = "100000",
        },
        new ConfigKey("bytes", ValueShape.Size(1 << 20, 1L << 40), "Their payloads together; 429 beyond.")
        {
            Default = "1GiB",
        });

    public static QueueConfig Bind(NodeReader reader) => new()
    {
        Path = FilePath.Of(reader, "path", reader.Mark.File),
        Entries = reader.Int("entries"),
        Bytes = reader.Size("bytes"),
    };
}
