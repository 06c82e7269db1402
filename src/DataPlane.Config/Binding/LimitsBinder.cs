using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>limits</c>.</summary>
internal static class LimitsBinder
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;
    private const long GiB = 1024 * MiB;

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromHours(24);

    public static KeyTable Keys { get; } = new(
        Size("requestHeadBytes", KiB, MiB, "32KiB", "Request line and header fields of a request; more is 431."),
        Size("requestLineBytes", 256, 256 * KiB, "8KiB", "Request line; more is 414."),
        Count("requestHeaderCount", 1, 10_000, "100", "Header fields of a request; more is 431."),
        Size("requestBodyBytes", 0, 1024 * GiB, "10MiB", "Body of a request; more is 413."),
        Size("responseHeadBytes", KiB, MiB, "64KiB", "Status line and header fields of a response; more is 502."),
        Count("responseHeaderCount", 1, 10_000, "200", "Header fields of a response; more is 502."),
        Time("headTimeout", s_least, "10s", "From the first byte of a request to the end of its head."),
        Time("idleTimeout", s_least, "60s", "Between two requests of a connection."),
        Rate("bodyMinimumRate", "240/s", "Bytes a client must send of a body; 0/s switches off."),
        Time("bodyRateGrace", TimeSpan.Zero, "5s", "How long a client may be slower than a minimum rate."),
        Rate("responseMinimumRate", "240/s", "Bytes a client must take of a response; 0/s switches off."),
        Time("exchangeTimeout", TimeSpan.Zero, "0s", "A whole exchange; 0s switches off."),
        Time("halfCloseGrace", TimeSpan.Zero, "250ms", "How long an exchange outlives its client's FIN."),
        Count("connections", 1, 10_000_000, "10000", "Client connections of all listeners together."),
        Count("connectionsPerAddress", 0, 10_000_000, "0", "Client connections of one address; 0 is unlimited."),
        Count("clientPrefixIpv6", 1, 128, "64", "Leading bits of an IPv6 address that count as one client."),
        Count("acceptBacklog", 1, 1_000_000, "1024", "Accepted connections waiting; beyond it none is accepted."),
        Rate("acceptRate", "0/s", "Connections accepted by all listeners; 0/s is unlimited."),
        Size("memory", 0, 1024 * GiB, "0", "Resident memory; 0 is 90 % of the container's or machine's."),
        Count("requestsPerConnection", 0, int.MaxValue, "0", "Requests before a connection closes; 0 is unlimited."),
        new ConfigKey("http2", ValueShape.Section(Http2LimitsBinder.Keys), "What clients of HTTP/2 are told.")
        {
            Default = "{}",
        },
        Time("tunnelIdleTimeout", TimeSpan.Zero, "1h", "A tunnel without a byte either way; 0s switches off."),
        Time("tunnelLifetime", TimeSpan.Zero, "0s", "A tunnel from its 101 on; 0s switches off."),
        Count("tunnelsPerRoute", 0, 10_000_000, "10000", "Tunnels a route may have at once; more is 503."),
        Time("drainGrace", TimeSpan.Zero, "5s", "From SIGTERM, when /readyz fails, to the end of accepting."),
        Time("drainTimeout", TimeSpan.Zero, "30s", "How long running exchanges may take to end at shutdown."));

    public static LimitsConfig Bind(NodeReader reader)
    {
        var limits = new LimitsConfig
        {
            RequestHeadBytes = (int)reader.Size("requestHeadBytes"),
            RequestLineBytes = (int)reader.Size("requestLineBytes"),
            RequestHeaderCount = reader.Int("requestHeaderCount"),
            RequestBodyBytes = reader.Size("requestBodyBytes"),
            ResponseHeadBytes = (int)reader.Size("responseHeadBytes"),
            ResponseHeaderCount = reader.Int("responseHeaderCount"),
            HeadTimeout = reader.Duration("headTimeout"),
            IdleTimeout = reader.Duration("idleTimeout"),
            BodyMinimumRate = BytesPerSecond(reader, "bodyMinimumRate"),
            BodyRateGrace = reader.Duration("bodyRateGrace"),
            ResponseMinimumRate = BytesPerSecond(reader, "responseMinimumRate"),
            ExchangeTimeout = reader.Duration("exchangeTimeout"),
            HalfCloseGrace = reader.Duration("halfCloseGrace"),
            Connections = reader.Int("connections"),
            ConnectionsPerAddress = reader.Int("connectionsPerAddress"),
            ClientPrefixIpv6 = reader.Int("clientPrefixIpv6"),
            AcceptBacklog = reader.Int("acceptBacklog"),
            AcceptRate = reader.Rate("acceptRate").PerSecond,
            Memory = reader.Size("memory"),
            RequestsPerConnection = reader.Int("requestsPerConnection"),
            Http2 = Http2LimitsBinder.Bind(reader.Section("http2")),
            TunnelIdleTimeout = reader.Duration("tunnelIdleTimeout"),
            TunnelLifetime = reader.Duration("tunnelLifetime"),
            TunnelsPerRoute = reader.Int("tunnelsPerRoute"),
            DrainGrace = reader.Duration("drainGrace"),
            DrainTimeout = reader.Duration("drainTimeout"),
        };
        if (limits.RequestLineBytes > limits.RequestHeadBytes)
        {
            string key = reader.Node("requestLineBytes") is null ? "requestHeadBytes" : "requestLineBytes";
            reader.Error(
                key, "requestLineBytes is larger than requestHeadBytes",
                "the request line is part of the head: raise it");
        }
        return limits;
    }

    private static int BytesPerSecond(NodeReader reader, string key)
    {
        Rate rate = reader.Rate(key);
        if (rate.PerSecond is var perSecond and <= int.MaxValue && double.IsInteger(perSecond)) return (int)perSecond;
        reader.Error(key, "is not a whole number of bytes per second", "write it per second, such as 240/s");
        return 0;
    }

    private static ConfigKey Size(string name, long least, long most, string standard, string summary) =>
        new(name, ValueShape.Size(least, most), summary) { Default = standard };

    private static ConfigKey Count(string name, long least, long most, string standard, string summary) =>
        new(name, ValueShape.Integer(least, most), summary) { Default = standard };

    private static ConfigKey Time(string name, TimeSpan least, string standard, string summary) =>
        new(name, ValueShape.Duration(least, s_most), summary) { Default = standard };

    private static ConfigKey Rate(string name, string standard, string summary) =>
        new(name, ValueShape.Rate, summary) { Default = standard };
}
