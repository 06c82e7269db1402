using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Targets;

/// <summary><c>to: { function: get-user, event: "2.0", invoke: request }</c>: a function answers.</summary>
public sealed record FunctionTarget(string Function, FunctionEventFormat Event, bool IsQueued)
{
    public const string Kind = "function";

    public static KeyTable Keys { get; } = new(
        new ConfigKey(Kind, ValueShape.String, "Name of the function.") { Required = true },
        new ConfigKey("event", ValueShape.Choice("2.0", "1.0", "rest", "url", "raw"),
            "Payload of an HTTP API (2.0, 1.0), a REST API (rest) or a function URL, or the body as it is (raw).")
        {
            Default = "2.0",
        },
        new ConfigKey("invoke", ValueShape.Choice("request", "event"),
            "request: the client waits for the answer; event: it is told 202 at once.")
        {
            Default = "request",
        });

    /// <summary>
    /// Reads the mapping under <c>to</c>; false, and <c>target</c> not usable, when errors were added.
    /// </summary>
    public static bool TryRead(
        ConfigNode node,
        string path,
        ConfigErrors errors,
        GatewayConfigReferences references,
        out FunctionTarget target)
    {
        var reader = new NodeReader(node, path, Keys, errors);
        string name = "";
        bool isKnown = reader.Node(Kind) is { } function
            && references.TryFunction(function, reader.PathOf(Kind), errors, out name);
        target = new FunctionTarget(name, FormatOf(reader.Choice("event")), reader.Choice("invoke") == "event");
        return isKnown;
    }

    internal static void Validate(
        ConfigNode node, string path, GatewayConfigReferences references, ConfigErrors errors) =>
        TryRead(node, path, errors, references, out _);

    private static FunctionEventFormat FormatOf(string name) => name switch
    {
        "1.0" => FunctionEventFormat.HttpApi1,
        "rest" => FunctionEventFormat.Rest,
        "url" => FunctionEventFormat.Url,
        "raw" => FunctionEventFormat.Raw,
        _ => FunctionEventFormat.HttpApi2,
    };
}
