using System.Collections.Immutable;
using System.Net;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>
/// Binds the sections that concern every exchange: <c>forwarding</c>, <c>transport</c>.
/// </summary>
internal static class ServerBinder
{
    private const int MostLoops = 1024;

    private static readonly ValueShape s_transportKind = ValueShape.Choice("auto", "epoll", "sockets");

    public static KeyTable ForwardingKeys { get; } = new(
        new ConfigKey(
            "trustedProxies", ValueShape.List(ValueShape.String),
            "Networks whose forwarded fields count; unix: for whoever connects to a unix socket.")
        {
            Default = "[]",
        },
        new ConfigKey(
            "headers", ValueShape.Choice("xForwarded", "forwarded", "both", "none"),
            "Fields that tell the upstream about the client.")
        {
            Default = "xForwarded",
        },
        new ConfigKey("via", ValueShape.Boolean, "Add a Via field to requests and responses.") { Default = "false" },
        new ConfigKey("viaName", ValueShape.String, "The gateway's name in Via.") { Default = "dataplane" },
        new ConfigKey(
            "clientCertificate", ValueShape.Boolean, "Tell a client's certificate in X-Forwarded-Client-Cert.")
        {
            Default = "false",
        },
        new ConfigKey("requestId", ValueShape.Boolean, "Keep or make X-Request-Id.") { Default = "true" },
        new ConfigKey("traceContext", ValueShape.Boolean, "Pass on or start W3C traceparent.") { Default = "true" });

    public static KeyTable TransportKeys { get; } = new(
        new ConfigKey("kind", s_transportKind, "auto is epoll where the system has it, else sockets.")
        {
            Default = "auto",
        },
        new ConfigKey("loops", ValueShape.Integer(0, MostLoops), "Event loops; 0 is one per core.") { Default = "0" },
        new ConfigKey("reusePort", ValueShape.Boolean, "Let another gateway listen on the same ports; epoll only.")
        {
            Default = "false",
        },
        new ConfigKey(
            "ioUring", ValueShape.Boolean, "Send by io_uring where the system allows it; with sockets without effect.")
        {
            Default = "true",
        },
        new ConfigKey(
            "batchScheduling", ValueShape.Boolean, "Fewer, longer turns of the loops; with sockets without effect.")
        {
            Default = "true",
        });

    public static ValueShape TransportShape { get; } =
        ValueShape.Either(s_transportKind, ValueShape.Section(TransportKeys));

    public static ForwardingConfig BindForwarding(NodeReader reader, ConfigErrors errors)
    {
        var trusted = ImmutableArray.CreateBuilder<IPNetwork>();
        bool trustsUnixSockets = false;
        foreach (PlacedNode item in reader.List("trustedProxies"))
        {
            if (item.Node is ScalarNode { Value: "unix:" }) trustsUnixSockets = true;
            else if (ScalarReader.TryCidr(item.Node, item.Path, errors, out IPNetwork network)) trusted.Add(network);
        }
        var forwarding = new ForwardingConfig
        {
            TrustedProxies = trusted.ToImmutable(),
            TrustsUnixSockets = trustsUnixSockets,
            Headers = reader.Enum<ForwardedHeaders>("headers"),
            Via = reader.Bool("via"),
            ViaName = reader.String("viaName"),
            ClientCertificate = reader.Bool("clientCertificate"),
            RequestId = reader.Bool("requestId"),
            TraceContext = reader.Bool("traceContext"),
        };
        // RFC 9110, 7.6.3: the pseudonym is a token, so that it cannot add a second entry to the list.
        if (!FieldRules.IsToken(forwarding.ViaName))
            reader.Error("viaName", "is not a token", "use letters, digits and '-' only");
        return forwarding;
    }

    public static TransportConfig BindTransport(ConfigNode? node, NodePath path, ConfigErrors errors)
    {
        if (node is ScalarNode { IsNull: false })
        {
            return ScalarReader.TryChoice(node, path, s_transportKind, errors, out string kind)
                ? new TransportConfig { Kind = Enum.Parse<TransportKind>(kind, ignoreCase: true) }
                : new TransportConfig();
        }
        var reader = new NodeReader(node, path, TransportKeys, errors);
        var transport = new TransportConfig
        {
            Kind = reader.Enum<TransportKind>("kind"),
            Loops = reader.Int("loops"),
            ReusePort = reader.Bool("reusePort"),
            IoUring = reader.Bool("ioUring"),
            BatchScheduling = reader.Bool("batchScheduling"),
        };
        if (transport is { Kind: TransportKind.Sockets, ReusePort: true })
            reader.Error("reusePort", "is not possible with sockets", "write kind: epoll, or remove it");
        return transport;
    }
}
