using System.Collections.Immutable;
using System.Net;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>listeners</c> and <c>admin</c>, and checks that no two want the same address.</summary>
internal static class ListenerBinder
{
    public static KeyTable Keys { get; } = new(
        new ConfigKey("name", ValueShape.String, "Name in metrics and logs; unique.") { Required = true },
        new ConfigKey("address", ValueShape.String, "Where clients connect: address:port, or unix:/path.")
        {
            Required = true,
        },
        new ConfigKey(
            "proxyProtocol", ValueShape.Choice("off", "required", "optional"), "PROXY protocol from a load balancer.")
        {
            Default = "off",
        },
        new ConfigKey("trusted", ValueShape.List(ValueShape.String), "Networks whose PROXY headers count.")
        {
            Default = "[]",
        },
        new ConfigKey("protocols", ValueShape.List(ValueShape.Choice("http1")), "HTTP versions spoken here.")
        {
            Default = """["http1"]""",
        },
        ConfigKey.Later("tls", "remove it and terminate TLS in front of the gateway: it arrives in a later version"));

    public static KeyTable AdminKeys { get; } = new(
        new ConfigKey("address", ValueShape.String, "Where operators connect: address:port, or unix:/path.")
        {
            Default = AdminConfig.StandardAddress,
        },
        new ConfigKey("token", ValueShape.String, "Bearer token of callers; needed beyond loopback.")
        {
            Default = "",
            Secret = true,
        });

    public static ImmutableArray<ListenerConfig> Bind(NodeReader root, ConfigErrors errors)
    {
        if (root.Node("listeners") is null) return [ListenerConfig.Standard];
        var listeners = ImmutableArray.CreateBuilder<ListenerConfig>();
        foreach (PlacedNode item in root.List("listeners"))
        {
            var reader = new NodeReader(item.Node, item.Path, Keys, errors);
            CheckProtocols(reader, errors);
            string name = reader.String("name");
            if (reader.Node("name") is { } written)
            {
                NameRules.Check(written, reader.PathOf("name"), name, errors);
                if (listeners.FirstOrDefault(l => l.Name == name) is { } same)
                {
                    reader.Error(
                        "name", $"the name is already {same.Mark.SeenFrom(item.Node.Mark)}", "give it another name");
                }
            }
            if (ReadAddress(reader, errors) is not { } address) continue;
            if (listeners.FirstOrDefault(l => l.Address.Overlaps(address)) is { } other)
            {
                reader.Error(
                    "address",
                    $"the address overlaps with that of '{other.Name}' {other.Mark.SeenFrom(item.Node.Mark)}",
                    "listen on another address or port");
            }
            var proxyProtocol = reader.Enum<ProxyProtocolMode>("proxyProtocol");
            listeners.Add(new ListenerConfig
            {
                Name = name,
                Address = address,
                ProxyProtocol = proxyProtocol,
                Trusted = ReadTrusted(reader, proxyProtocol, address, errors),
                Mark = item.Node.Mark,
            });
        }
        if (root.Node("listeners") is SequenceNode { Items.Count: 0 })
            root.Error(
                "listeners", "the list is empty", "add a listener, or remove the key to listen on 127.0.0.1:8080");
        return listeners.ToImmutable();
    }

    public static AdminConfig BindAdmin(
        NodeReader reader, ImmutableArray<ListenerConfig> listeners, ConfigErrors errors)
    {
        ListenAddress? address = ReadAddress(reader, errors);
        string token = reader.String("token");
        if (token.Any(c => c is <= ' ' or >= (char)0x7f))
            reader.Error(
                "token", "contains a space or a character beyond ASCII", "use letters, digits and punctuation");
        if (address is null) return new AdminConfig();
        if (!address.IsLocal && token.Length == 0)
        {
            reader.Error(
                "token", "is required when the admin address is reachable from other machines",
                "set it, for example to \"${DATAPLANE_ADMIN_TOKEN}\", or listen on 127.0.0.1");
        }
        if (listeners.FirstOrDefault(listener => listener.Address.Overlaps(address)) is { } other)
        {
            reader.Error(
                "address", $"the address overlaps with that of the listener '{other.Name}'",
                "listen on another address or port");
        }
        return new AdminConfig { Address = address, Token = token.Length == 0 ? null : token };
    }

    private static ListenAddress? ReadAddress(NodeReader reader, ConfigErrors errors)
    {
        string text = reader.String("address");
        if (reader.Node("address") is not { } node) return ListenAddress.TryParse(text, out _);
        if (node is not ScalarNode { IsUnresolved: false }) return null;
        ListenAddress? address = ListenAddress.TryParse(text, out Problem problem);
        if (address is null)
        {
            string message = $"{ScalarNode.Quote(text)} {problem.Message}";
            errors.Add(node, reader.PathOf("address"), problem with { Message = message });
        }
        return address;
    }

    private static ImmutableArray<IPNetwork> ReadTrusted(
        NodeReader reader, ProxyProtocolMode mode, ListenAddress address, ConfigErrors errors)
    {
        var trusted = ImmutableArray.CreateBuilder<IPNetwork>();
        foreach (PlacedNode item in reader.List("trusted"))
        {
            if (ScalarReader.TryCidr(item.Node, item.Path, errors, out IPNetwork network)) trusted.Add(network);
        }
        bool isWritten = reader.Node("trusted") is SequenceNode { Items.Count: > 0 };
        if (mode == ProxyProtocolMode.Off && isWritten && reader.OptionalString("proxyProtocol") is null or "off")
        {
            reader.Error("trusted", "means nothing without proxyProtocol", "write proxyProtocol: required as well");
        }
        else if (mode != ProxyProtocolMode.Off && !isWritten && address.UnixPath is null)
        {
            // Whoever may send a header may be anybody.
            reader.Error(
                "trusted", "is required with proxyProtocol",
                "list the load balancers' networks, such as trusted: [10.0.0.0/8]");
        }
        return trusted.ToImmutable();
    }

    private static void CheckProtocols(NodeReader reader, ConfigErrors errors)
    {
        foreach (PlacedNode item in reader.List("protocols"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string protocol)) continue;
            if (protocol == "http1") continue;
            if (protocol is "http2" or "http3")
                errors.Add(item.Node, item.Path, $"{protocol} is not in this version", "write protocols: [http1]");
            else
                ScalarReader.TryChoice(item.Node, item.Path, ValueShape.Choice("http1"), errors, out _);
        }
        if (reader.Node("protocols") is SequenceNode { Items.Count: 0 })
            reader.Error("protocols", "the list is empty", "write protocols: [http1]");
    }
}
