using System.Collections.Immutable;
using System.Net;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;
using DataPlane.Config.Tls;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>listeners</c> and <c>admin</c>, and checks that no two want the same address.</summary>
internal static class ListenerBinder
{
    private static readonly ValueShape s_protocol = ValueShape.Choice("http1", "http2");

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
        new ConfigKey("maxRequests", ValueShape.Integer(0, 1_000_000), "Requests under way at once; 0 is unlimited.")
        {
            Default = "0",
        },
        new ConfigKey("protocols", ValueShape.List(s_protocol), "HTTP versions spoken here.")
        {
            Default = """["http1","http2"]""",
        },
        new ConfigKey("tls", ValueShape.Section(TlsBinder.Keys), "TLS with clients; without it they speak cleartext."));

    public static KeyTable AdminKeys { get; } = new(
        new ConfigKey("address", ValueShape.String, "Where operators connect: address:port, or unix:/path.")
        {
            Default = AdminConfig.StandardAddress,
        },
        new ConfigKey("token", ValueShape.String, "Bearer token of callers; needed beyond loopback.")
        {
            Default = "",
            Secret = true,
        },
        new ConfigKey("hosts", ValueShape.List(ValueShape.String), "Names by which it is called, without a port.")
        {
            Default = "[]",
        },
        new ConfigKey("tls", ValueShape.Section(TlsBinder.Keys), "TLS with callers; without it they speak cleartext."));

    public static ImmutableArray<ListenerConfig> Bind(
        NodeReader root, CertificateFiles files, ConfigErrors errors)
    {
        if (root.Node("listeners") is null) return [ListenerConfig.Standard];
        var listeners = ImmutableArray.CreateBuilder<ListenerConfig>();
        foreach (PlacedNode item in root.List("listeners"))
        {
            var reader = new NodeReader(item.Node, item.Path, Keys, errors);
            var protocols = ReadProtocols(reader, errors);
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
                SpeaksHttp1 = protocols.Contains("http1"),
                SpeaksHttp2 = protocols.Contains("http2"),
                Tls = TlsBinder.Bind(reader, files, errors),
                ProxyProtocol = proxyProtocol,
                Trusted = ReadTrusted(reader, proxyProtocol, address, errors),
                MaxRequests = reader.Int("maxRequests"),
                Mark = item.Node.Mark,
            });
        }
        if (root.Node("listeners") is SequenceNode { Items.Count: 0 })
            root.Error(
                "listeners", "the list is empty", "add a listener, or remove the key to listen on 127.0.0.1:8080");
        return listeners.ToImmutable();
    }

    public static AdminConfig BindAdmin(
        NodeReader reader, ImmutableArray<ListenerConfig> listeners, CertificateFiles files, ConfigErrors errors)
    {
        ListenAddress? address = ReadAddress(reader, errors);
        string token = reader.String("token");
        if (token.Any(c => c is <= ' ' or >= (char)0x7f))
            reader.Error(
                "token", "contains a space or a character beyond ASCII", "use letters, digits and punctuation");
        var tls = TlsBinder.Bind(reader, files, errors);
        if (address is null) return new AdminConfig();
        bool requiresCertificates = tls is { ClientCertificates: ClientCertificateMode.Required };
        if (AdminConfig.Exposure(address, token.Length > 0, requiresCertificates) is { } problem)
            reader.Error("token", problem.Message, problem.Fix);
        if (listeners.FirstOrDefault(listener => listener.Address.Overlaps(address)) is { } other)
        {
            reader.Error(
                "address", $"the address overlaps with that of the listener '{other.Name}'",
                "listen on another address or port");
        }
        return new AdminConfig
        {
            Address = address,
            Token = token.Length == 0 ? null : token,
            Hosts = BindHosts(reader, errors),
            Tls = tls,
        };
    }

    private static ImmutableArray<string> BindHosts(NodeReader reader, ConfigErrors errors)
    {
        var hosts = ImmutableArray.CreateBuilder<string>();
        foreach (PlacedNode item in reader.List("hosts"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string host)) continue;
            if (HostRules.IsName(host)) hosts.Add(host);
            else errors.Add(item.Node, item.Path, new Problem("is no name", "write a name such as gateway.internal"));
        }
        return hosts.ToImmutable();
    }

    internal static ListenAddress? ReadAddress(NodeReader reader, ConfigErrors errors)
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
        bool isOff = mode == ProxyProtocolMode.Off;
        if (isOff && isWritten && reader.OptionalString("proxyProtocol") is null or "off")
        {
            reader.Error("trusted", "means nothing without proxyProtocol", "write proxyProtocol: required as well");
        }
        else if (!isOff && !isWritten && address.UnixPath is null)
        {
            // Whoever may send a header may be anybody.
            reader.Error(
                "trusted", "is required with proxyProtocol",
                "list the load balancers' networks, such as trusted: [10.0.0.0/8]");
        }
        return trusted.ToImmutable();
    }

    private static HashSet<string> ReadProtocols(NodeReader reader, ConfigErrors errors)
    {
        var protocols = new HashSet<string>(StringComparer.Ordinal);
        if (reader.Node("protocols") is null) return [.. s_protocol.Names];
        foreach (PlacedNode item in reader.List("protocols"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string protocol)) continue;
            if (protocol == "http3")
                errors.Add(item.Node, item.Path, "http3 is not in this version", "write protocols: [http1, http2]");
            else if (ScalarReader.TryChoice(item.Node, item.Path, s_protocol, errors, out _))
                protocols.Add(protocol);
        }
        if (reader.Node("protocols") is SequenceNode { Items.Count: 0 })
            reader.Error("protocols", "the list is empty", "write protocols: [http1, http2]");
        return protocols;
    }
}
