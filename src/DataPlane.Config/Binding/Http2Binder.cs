using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>upstreams.NAME.http2</c>.</summary>
internal static class Http2Binder
{
    private const long LeastWindow = 64 * 1024;
    private const long MostWindow = 16 * 1024 * 1024;

    private static readonly TimeSpan s_most = TimeSpan.FromHours(1);

    public static KeyTable Keys { get; } = new(
        new ConfigKey(
            "ping", ValueShape.Duration(TimeSpan.Zero, s_most),
            "Silence after which a connection is pinged; 0s: never.")
        {
            Default = "30s",
        },
        new ConfigKey(
            "pingTimeout", ValueShape.Duration(TimeSpan.FromSeconds(1), s_most),
            "How long the answer to a ping may take before the connection is closed.")
        {
            Default = "10s",
        },
        new ConfigKey(
            "streamWindow", ValueShape.Size(LeastWindow, MostWindow),
            "Bytes of a response that may wait in the gateway for a slow client.")
        {
            Default = "256KiB",
        });

    public static Http2Config Bind(NodeReader reader) => new()
    {
        Ping = reader.Duration("ping"),
        PingTimeout = reader.Duration("pingTimeout"),
        StreamWindow = (int)reader.Size("streamWindow"),
    };
}
