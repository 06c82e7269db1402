using System.Collections.Immutable;
using System.Text;
using DataPlane.Config.Binding;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Targets;

/// <summary>
/// <c>to: { mock: { status: 200, body: pong } }</c>: a fixed response. A body written as a mapping or list is sent as
/// compact JSON. <c>Headers</c> always holds a Content-Type when there is a body: the operator's, or
/// application/json, or text/plain.
/// </summary>
public sealed record MockTarget(int Status, ImmutableArray<MockHeader> Headers, string Body)
{
    public const string Kind = "mock";

    private const string ContentType = "Content-Type";

    private static readonly KeyTable s_mockKeys = new(
        new ConfigKey("status", ValueShape.Integer(200, 599), "Status of the response.") { Default = "200" },
        new ConfigKey("headers", ValueShape.Map(ValueShape.String), "Header fields of the response."),
        new ConfigKey("body", ValueShape.Anything, "A text, or a mapping or list that is sent as JSON."));

    public static KeyTable Keys { get; } = new(
        new ConfigKey(Kind, ValueShape.Section(s_mockKeys), "The response.") { Required = true });

    /// <summary>Reads the mapping under <c>to</c>; null when errors were added.</summary>
    internal static object? Read(
        ConfigNode node, NodePath path, GatewayConfigReferences references, ConfigErrors errors) =>
        TryRead(node, path, errors, references, out MockTarget target) ? target : null;

    private static bool TryRead(
        ConfigNode node, NodePath path, ConfigErrors errors, GatewayConfigReferences references, out MockTarget target)
    {
        NodeReader reader = new NodeReader(node, path, Keys, errors).Section(Kind);
        int status = reader.Int("status");
        bool isGood = TryReadHeaders(reader, errors, out ImmutableArray<MockHeader> headers);
        string body = reader.Node("body") switch
        {
            ScalarNode text => text.Value,
            { } json => JsonText.Compact(json),
            null => "",
        };
        if (body.Length > 0 && (status is 204 or 205 or 304))
        {
            // RFC 9110, 15.3.5, 15.3.6 and 15.4.5.
            reader.Error("body", $"a response with status {status} has no body", "remove the body");
            isGood = false;
        }
        if (Encoding.UTF8.GetByteCount(body) > Limits.MockBodyBytes)
        {
            reader.Error("body", "is larger than 1 MiB", "serve it from an upstream");
            isGood = false;
        }
        bool isTyped = headers.Any(header => header.Name.Equals(ContentType, StringComparison.OrdinalIgnoreCase));
        if (body.Length > 0 && !isTyped)
        {
            bool isText = reader.Node("body") is ScalarNode;
            headers = headers.Insert(0, new MockHeader(
                ContentType, isText ? "text/plain; charset=utf-8" : "application/json"));
        }
        target = new MockTarget(status, headers, body);
        return isGood;
    }

    private static bool TryReadHeaders(NodeReader reader, ConfigErrors errors, out ImmutableArray<MockHeader> headers)
    {
        var fields = ImmutableArray.CreateBuilder<MockHeader>();
        bool isGood = true;
        foreach (PlacedNode entry in reader.Mapping("headers"))
        {
            string name = entry.Name!.Value;
            if (!FieldRules.CheckChangeable(entry.Name, entry.Path, name, errors)
                || !ScalarReader.TryText(entry.Node, entry.Path, errors, out string value))
            {
                isGood = false;
                continue;
            }
            if (FieldRules.ValueProblem(value) is { } problem)
            {
                errors.Add(entry.Node, entry.Path, problem);
                isGood = false;
            }
            fields.Add(new MockHeader(name, value));
        }
        headers = fields.ToImmutable();
        return isGood;
    }
}
