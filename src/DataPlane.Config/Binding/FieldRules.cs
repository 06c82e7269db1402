using System.Buffers;
using DataPlane.Config.Reading;

namespace DataPlane.Config.Binding;

/// <summary>What header fields an operator may name, and what their values may hold.</summary>
internal static class FieldRules
{
    // RFC 9110, 7.6.1 (hop-by-hop) and RFC 9112, 6 (framing): the gateway decides these for each connection, and a
    // second opinion about where a message ends is how requests are smuggled. Expect belongs to the same hop.
    private static readonly HashSet<string> s_ownedByGateway = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Expect", "Keep-Alive", "Proxy-Connection", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade",
    };

    private static readonly SearchValues<char> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>RFC 9110, 5.6.2.</summary>
    public static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(s_token);

    public static bool CheckName(ConfigNode at, NodePath path, string name, ConfigErrors errors)
    {
        if (IsToken(name)) return true;
        errors.Add(
            at, path, $"{ScalarReader.Quoted(at)} is not a header name", "use letters, digits and '-' only");
        return false;
    }

    /// <summary>A name whose field the operator may change.</summary>
    public static bool CheckChangeable(ConfigNode at, NodePath path, string name, ConfigErrors errors)
    {
        if (!CheckName(at, path, name, errors)) return false;
        if (!s_ownedByGateway.Contains(name)) return true;
        errors.Add(at, path, $"'{name}' is set by the gateway itself", "remove it");
        return false;
    }

    /// <summary>Null when the text may be sent as a value or as part of one (RFC 9110, 5.5).</summary>
    public static Problem? ValueProblem(string text)
    {
        foreach (char c in text)
        {
            if (c is '\t' or (>= ' ' and < (char)0x7f)) continue;
            return new Problem(
                $"contains the character U+{(int)c:X4}, which a header value cannot hold",
                char.IsControl(c) ? "remove it" : "write it percent-encoded or in ASCII");
        }
        return text.Length > 0 && (text[0] is ' ' or '\t' || text[^1] is ' ' or '\t')
            ? new Problem("starts or ends with a space", "remove it: receivers do")
            : null;
    }

    public static ValueTemplate? ReadTemplate(
        PlacedNode value, GatewayConfigReferences references, ConfigErrors errors)
    {
        if (!ScalarReader.TryText(value.Node, value.Path, errors, out string text)) return null;
        ValueTemplate? template = ValueTemplate.TryParse(text, references.Captures.AsSpan(), out Problem problem);
        if (template is not null)
        {
            if (ValueProblem(template.Render("x")) is not { } invalid) return template;
            problem = invalid;
        }
        errors.Add(value.Node, value.Path, problem);
        return null;
    }
}
