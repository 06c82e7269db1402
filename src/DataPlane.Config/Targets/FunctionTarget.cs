using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Targets;

/// <summary><c>to: { function: get-user, event: "2.0", invoke: request }</c>: a function answers.</summary>
public sealed record FunctionTarget(string Function, FunctionEventFormat Event, bool IsQueued)
{
    public const string Kind = "function";

    private const string BinaryKey = "binaryMediaTypes";
    private const string MultiKey = "multiValueHeaders";

    public static KeyTable Keys { get; } = new(
        new ConfigKey(Kind, ValueShape.String, "Name of the function.") { Required = true },
        new ConfigKey("event", ValueShape.Choice("2.0", "1.0", "rest", "url", "alb", "raw"),
            "Payload of an HTTP API (2.0, 1.0), a REST API (rest), a function URL, a load balancer (alb), or the body.")
        {
            Default = "2.0",
        },
        new ConfigKey("invoke", ValueShape.Choice("request", "event"),
            "request: the client waits for the answer; event: it is told 202 at once.")
        {
            Default = "request",
        },
        new ConfigKey(BinaryKey, ValueShape.List(ValueShape.String),
            "Media types, such as image/png, image/* and */*, that a REST API (event: rest) treats as binary.")
        {
            Default = "[]",
        },
        new ConfigKey(MultiKey, ValueShape.Boolean,
            "A load balancer (event: alb) tells and reads all values of headers, and all of the query.")
        {
            Default = "false",
        });

    /// <summary>Lower and upper case are the same.</summary>
    public ImmutableArray<string> BinaryMediaTypes { get; init; } = [];

    /// <summary>Reads the mapping under <c>to</c>; null when errors were added.</summary>
    internal static object? Read(
        ConfigNode node, NodePath path, GatewayConfigReferences references, ConfigErrors errors) =>
        TryRead(node, path, errors, references, out FunctionTarget target) ? target : null;

    private static bool TryRead(
        ConfigNode node,
        NodePath path,
        ConfigErrors errors,
        GatewayConfigReferences references,
        out FunctionTarget target)
    {
        var reader = new NodeReader(node, path, Keys, errors);
        string name = "";
        bool isKnown = reader.Node(Kind) is { } function
            && references.TryFunction(function, reader.PathOf(Kind), errors, out name);
        var format = FormatOf(reader.Choice("event"));
        if (reader.Bool(MultiKey))
        {
            if (format != FunctionEventFormat.Alb)
                reader.Error(MultiKey, "is a setting of load balancers", "write event: alb, or remove it");
            format = FunctionEventFormat.AlbMultiValue;
        }
        target = new FunctionTarget(name, format, reader.Choice("invoke") == "event")
        {
            BinaryMediaTypes = BinaryOf(reader, errors),
        };
        if (format != FunctionEventFormat.Rest && !target.BinaryMediaTypes.IsEmpty)
            reader.Error(BinaryKey, "is a setting of REST APIs", "write event: rest, or remove it");
        return isKnown;
    }

    private static ImmutableArray<string> BinaryOf(NodeReader reader, ConfigErrors errors)
    {
        var types = ImmutableArray.CreateBuilder<string>();
        foreach (PlacedNode item in reader.List(BinaryKey))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string type)) continue;
            int slash = type.IndexOf('/', StringComparison.Ordinal);
            int star = type.IndexOf('*', StringComparison.Ordinal);
            bool isType = slash > 0 && slash < type.Length - 1
                && (star < 0 || type == "*/*" || (star == slash + 1 && star == type.Length - 1));
            if (isType) types.Add(type);
            else reader.Error(BinaryKey, $"'{type}' is no media type", "write one such as image/png, image/* or */*");
        }
        return types.ToImmutable();
    }

    private static FunctionEventFormat FormatOf(string name) => name switch
    {
        "1.0" => FunctionEventFormat.HttpApi1,
        "rest" => FunctionEventFormat.Rest,
        "url" => FunctionEventFormat.Url,
        "alb" => FunctionEventFormat.Alb,
        "raw" => FunctionEventFormat.Raw,
        _ => FunctionEventFormat.HttpApi2,
    };
}
