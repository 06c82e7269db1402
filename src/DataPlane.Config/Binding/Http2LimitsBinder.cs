using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>limits.http2</c>.</summary>
internal static class Http2LimitsBinder
{
    private const int KiB = 1024;

    // RFC 9113 6.5.2 and 6.9.1.
    private const int LeastFrame = 16 * KiB;
    private const int MostFrame = (16 * KiB * KiB) - 1;
    private const int LeastWindow = 64 * KiB;
    private const int MostWindow = 1024 * KiB * KiB;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    public static KeyTable Keys { get; } = new(
        new ConfigKey("streams", ValueShape.Integer(1, 10_000), "Exchanges of a connection at once.")
        {
            Default = "100",
        },
        new ConfigKey(
            "glitches", ValueShape.Integer(0, 1_000_000),
            "Resets, pings, empty frames and the like a second before the connection ends; 0 switches off.")
        {
            Default = "100",
        },
        Size("frameBytes", LeastFrame, MostFrame, "16KiB", "Payload of a frame."),
        Size("streamWindow", LeastWindow, MostWindow, "256KiB", "Bytes of a body sent ahead of who reads them."),
        Size("connectionWindow", LeastWindow, MostWindow, "1MiB", "The same for all bodies of a connection."),
        Size("headerTableBytes", 0, KiB * KiB, "4KiB", "Fields that each side has the other remember."),
        new ConfigKey(
            "pingInterval", ValueShape.Duration(TimeSpan.Zero, s_hour),
            "Silence after which a client is pinged; 0s switches off, else at least 1s.")
        {
            Default = "0s",
        },
        new ConfigKey("pingTimeout", ValueShape.Duration(s_second, s_hour), "How long it has for its answer.")
        {
            Default = "20s",
        });

    public static Http2LimitsConfig Bind(NodeReader reader)
    {
        var limits = new Http2LimitsConfig
        {
            Streams = reader.Int("streams"),
            Glitches = reader.Int("glitches"),
            FrameBytes = (int)reader.Size("frameBytes"),
            StreamWindow = (int)reader.Size("streamWindow"),
            ConnectionWindow = (int)reader.Size("connectionWindow"),
            HeaderTableBytes = (int)reader.Size("headerTableBytes"),
            PingInterval = reader.Duration("pingInterval"),
            PingTimeout = reader.Duration("pingTimeout"),
        };
        if (limits.StreamWindow > limits.ConnectionWindow)
        {
            string key = reader.Node("streamWindow") is null ? "connectionWindow" : "streamWindow";
            reader.Error(key, "streamWindow is larger than connectionWindow", "a stream cannot use more: lower it");
        }
        if (limits.PingInterval > TimeSpan.Zero && limits.PingInterval < s_second)
            reader.Error("pingInterval", "is shorter than a second", "write at least 1s, or 0s to switch off");
        return limits;
    }

    private static ConfigKey Size(string name, long least, long most, string standard, string summary) =>
        new(name, ValueShape.Size(least, most), summary) { Default = standard };
}
