using DataPlane.Config.Binding;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Targets;

/// <summary><c>to: { redirect: { status: 308, location: "https://{request.host}{request.path}" } }</c>.</summary>
public sealed record RedirectTarget(int Status, ValueTemplate Location)
{
    public const string Kind = "redirect";

    private static readonly KeyTable s_redirectKeys = new(
        new ConfigKey("status", ValueShape.Choice("301", "302", "303", "307", "308"), "Status of the response.")
        {
            Default = "308",
        },
        new ConfigKey("location", ValueShape.String, "Where to, with captures in braces.") { Required = true });

    public static KeyTable Keys { get; } = new(
        new ConfigKey(Kind, ValueShape.Section(s_redirectKeys), "Status and location.") { Required = true });

    /// <summary>Reads the mapping under <c>to</c>; null when errors were added.</summary>
    internal static object? Read(
        ConfigNode node, NodePath path, GatewayConfigReferences references, ConfigErrors errors) =>
        TryRead(node, path, errors, references, out RedirectTarget target) ? target : null;

    private static bool TryRead(
        ConfigNode node,
        NodePath path,
        ConfigErrors errors,
        GatewayConfigReferences references,
        out RedirectTarget target)
    {
        NodeReader reader = new NodeReader(node, path, Keys, errors).Section(Kind);
        string status = reader.Choice("status");
        ValueTemplate? location = null;
        if (reader.Node("location") is { } written)
        {
            location = FieldRules.ReadTemplate(
                new PlacedNode(written, reader.PathOf("location"), null), references, errors);
            if (location is not null && LocationProblem(location) is { } problem)
            {
                errors.Add(written, reader.PathOf("location"), problem);
                location = null;
            }
        }
        target = new RedirectTarget(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), location!);
        return location is not null;
    }

    private static Problem? LocationProblem(ValueTemplate location)
    {
        if (location.Parts.IsEmpty) return new Problem("is empty", "write a URL or a path");
        return location.Render("x").Any(c => c is ' ' or '\t')
            ? new Problem("a URL has no spaces", "write %20")
            : null;
    }
}
