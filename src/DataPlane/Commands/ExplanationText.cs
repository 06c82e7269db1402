using System.Text;
using DataPlane.Gateway.Compilation.Explaining;

namespace DataPlane.Commands;

/// <summary>An explanation for people to read.</summary>
internal static class ExplanationText
{
    public static string Of(Explanation explained)
    {
        var text = new StringBuilder();
        Line(text, "request", $"{explained.Method} {explained.CanonicalPath ?? "-"} of host '{explained.Host}'");
        Line(text, "route", explained.Route ?? "none");
        foreach (var (name, value) in explained.Captures) Line(text, "", $"{{{name}}} = {value}");
        if (explained.Status is { } status) Line(text, "answer", $"{status}: {explained.Reason}");
        foreach (var policy in explained.Policies)
            Line(text, "policy", $"{policy.Kind} {policy.Name}: {policy.Verdict}; {policy.Detail}");
        if (explained.Target is { } target)
            Line(text, "target", $"{target}: {explained.TargetDetail}".TrimEnd(' ', ':'));
        if (explained.UpstreamRequest is { } request)
        {
            Line(text, "sends", "");
            foreach (string line in request.TrimEnd().Split("\r\n")) text.Append("  > ").AppendLine(line);
        }
        Line(text, "routes", "in the order they are tried");
        foreach (var route in explained.Routes)
            text.AppendLine($"  {(route.IsChosen ? '*' : ' ')} {route.Route}: {route.Why}");
        return text.ToString();
    }

    private static void Line(StringBuilder text, string what, string detail) =>
        text.AppendLine($"{what,-8} {detail}".TrimEnd());
}
