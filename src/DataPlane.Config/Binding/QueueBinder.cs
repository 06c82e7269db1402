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

    public static QueueConfig Bind(NodeReader reader, ConfigEnvironment environment) => new()
    {
        Path = PathOf(reader, environment),
        Entries = reader.Int("entries"),
        Bytes = reader.Size("bytes"),
    };

    /// <summary>
    /// When none is written: in a service's own folder, as systemd names it, and only without one beside the
    /// configuration, where a service may not write.
    /// </summary>
    private static string PathOf(NodeReader reader, ConfigEnvironment environment)
    {
        bool isWritten = reader.Node("path") is not null;
        string? state = environment.Variable(ConfigEnvironment.StateVariable)?.Split(':')[0];
        return isWritten || string.IsNullOrEmpty(state)
            ? FilePath.Of(reader, "path", reader.Mark.File)
            : Path.GetFullPath(Path.Combine(state, QueueConfig.StandardFile));
    }
}
