using System.Collections.Immutable;
using System.Net;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>dns</c>.</summary>
internal static class DnsBinder
{
    private const int DnsPort = 53;
    private const int MostResolvers = 8;

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromHours(24);

    public static KeyTable Keys { get; } = new(
        Time("minimumTtl", s_least, "5s", "An answer is used at least so long."),
        Time("maximumTtl", s_least, "5m", "An answer is used at most so long."),
        Time("timeout", s_least, "2s", "How long one resolver may take."),
        Time("startTimeout", TimeSpan.Zero, "5s", "How long the start waits for the first answers."),
        new ConfigKey(
            "resolvers", ValueShape.List(ValueShape.String), "Asked in turn; none for those of /etc/resolv.conf.")
        {
            Default = "[]",
        },
        new ConfigKey("family", ValueShape.Choice("auto", "ipv4", "ipv6", "all"), "Which addresses of a name are used.")
        {
            Default = "auto",
        });

    public static DnsConfig Bind(NodeReader reader, ConfigErrors errors)
    {
        var resolvers = ImmutableArray.CreateBuilder<IPEndPoint>();
        foreach (PlacedNode item in reader.List("resolvers"))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string text)) continue;
            if (IPEndPoint.TryParse(text, out IPEndPoint? address))
                resolvers.Add(address.Port == 0 ? new IPEndPoint(address.Address, DnsPort) : address);
            else errors.Add(
                item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is not an address",
                "write an IP address, with a port if it is not 53, such as 10.0.0.2 or [::1]:5353");
        }
        if (resolvers.Count > MostResolvers)
            reader.Error("resolvers", "are too many", $"write at most {MostResolvers}");
        var dns = new DnsConfig
        {
            MinimumTtl = reader.Duration("minimumTtl"),
            MaximumTtl = reader.Duration("maximumTtl"),
            Timeout = reader.Duration("timeout"),
            StartTimeout = reader.Duration("startTimeout"),
            Resolvers = resolvers.ToImmutable(),
            Family = reader.Enum<DnsFamily>("family"),
        };
        if (dns.MinimumTtl > dns.MaximumTtl)
        {
            string key = reader.Node("minimumTtl") is null ? "maximumTtl" : "minimumTtl";
            reader.Error(key, "minimumTtl is larger than maximumTtl", "raise maximumTtl or lower minimumTtl");
        }
        return dns;
    }

    private static ConfigKey Time(string name, TimeSpan least, string standard, string summary) =>
        new(name, ValueShape.Duration(least, s_most), summary) { Default = standard };
}
