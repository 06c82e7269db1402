using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds those of <c>functions</c> that have <c>lambda</c>: they run somewhere else.</summary>
internal sealed class RemoteFunctionBinder(IReadOnlySet<string> upstreams, ConfigErrors errors)
{
    public const string Key = "lambda";

    /// <summary>As much as a header of the Invoke API takes before base64.</summary>
    private const int ClientContextBytes = 2686;

    private readonly CredentialsBinder _credentials = new(errors, "chain", "none");

    public static KeyTable Keys { get; } = new(
        new ConfigKey(Key, ValueShape.String,
            "ARN of the function, or URL of an Invoke API: http://HOST/2015-03-31/functions/NAME/invocations.")
        {
            Required = true,
        },
        new ConfigKey("upstream", ValueShape.String, "Upstream to ask instead of the service's own address."),
        new ConfigKey("region", ValueShape.String, "Region of signatures; the ARN's, else us-east-1."),
        new ConfigKey("qualifier", ValueShape.String, "Version or alias, unless the ARN ends with one."),
        CredentialsBinder.KeyOf(
            "What requests are signed with; chain: as AWS's SDKs find it.", "chain", "none"),
        new ConfigKey("response", ValueShape.Choice("buffered", "streaming"), "Whether answers come in pieces.")
        {
            Default = "buffered",
        },
        new ConfigKey("timeout",
            ValueShape.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(16)), "Until an answer begins.")
        {
            Default = "60s",
        },
        new ConfigKey("log", ValueShape.Choice("gateway", "off"),
            "Whether the end of each invocation's log goes to the gateway's.")
        {
            Default = "off",
        },
        new ConfigKey("clientContext", ValueShape.String, "JSON told to the function as its client context."));

    /// <summary>The entry is one of these.</summary>
    public static bool Takes(ConfigNode node) => node is MappingNode mapping && mapping.Find(Key) is not null;

    public RemoteFunctionConfig Bind(PlacedNode entry)
    {
        var reader = new NodeReader(entry.Node, entry.Path, Keys, errors);
        RemoteFunctionAddress address = AddressOf(reader);
        string? qualifier = reader.OptionalString("qualifier");
        if (qualifier is not null && address.Qualifier is not null)
            reader.Error("qualifier", "stands in lambda already", "remove one of the two");
        string? upstream = reader.OptionalString("upstream");
        if (upstream is not null && !upstreams.Contains(upstream))
        {
            string fix = errors.IsFull ? "" : NearestName.Suggest(upstream, upstreams, "upstreams");
            errors.Add(reader.Node("upstream")!, reader.PathOf("upstream"),
                $"there is no upstream {ScalarReader.Quoted(reader.Node("upstream")!)}", fix);
        }
        return new RemoteFunctionConfig
        {
            Name = entry.Name!.Value,
            Function = address.Function,
            Qualifier = qualifier ?? address.Qualifier,
            Region = reader.OptionalString("region") ?? address.Region ?? "us-east-1",
            Upstream = upstream ?? RemoteFunctionAddress.UpstreamOf(address.Endpoint),
            Endpoint = upstream is null ? address.Endpoint : null,
            Credentials = CredentialsOf(reader),
            IsStreaming = reader.Choice("response") == "streaming",
            Timeout = reader.Duration("timeout"),
            LogsToGateway = reader.Choice("log") == "gateway",
            ClientContext = ClientContextOf(reader),
            Mark = entry.Node.Mark,
        };
    }

    /// <summary>One upstream for each service that functions name by themselves.</summary>
    public static IEnumerable<UpstreamConfig> UpstreamsOf(ImmutableArray<RemoteFunctionConfig> functions) =>
        functions
            .Where(each => each.Endpoint is not null)
            .GroupBy(each => each.Upstream, StringComparer.Ordinal)
            .Select(group => RemoteFunctionAddress.ServiceOf(group.Key, group.First().Endpoint!));

    private static RemoteFunctionAddress AddressOf(NodeReader reader)
    {
        string written = reader.String(Key);
        if (RemoteFunctionAddress.Parse(written, out Problem problem) is { } address) return address;
        if (reader.Node(Key) is not null) reader.Error(Key, problem.Message, problem.Fix);
        return RemoteFunctionAddress.None;
    }

    private CredentialsConfig CredentialsOf(NodeReader reader) =>
        _credentials.Bind(reader, out var written) == "none" ? written with { Signs = false } : written;

    private static string? ClientContextOf(NodeReader reader)
    {
        if (reader.OptionalString("clientContext") is not { Length: > 0 } text) return null;
        if (Encoding.UTF8.GetByteCount(text) > ClientContextBytes)
        {
            reader.Error("clientContext", "is too long", $"write at most {ClientContextBytes} bytes");
            return null;
        }
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object) return text;
        }
        catch (JsonException)
        {
        }
        reader.Error("clientContext", "is no JSON object", """write for example '{"custom":{"tenant":"a"}}'""");
        return null;
    }
}
