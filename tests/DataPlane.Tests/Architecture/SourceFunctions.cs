using System.Text.RegularExpressions;

namespace DataPlane.Tests.Architecture;

/// <summary>Finds functions in blanked C# text by their braces.</summary>
internal static class SourceFunctions
{
    private static readonly Regex s_type = SourcePattern.Of(@"\b(class|struct|interface|enum|record)\s+(?!where\b)\w+");
    private static readonly Regex s_assignment = SourcePattern.Of(@"(?<![=<>!])=(?![=>])");
    private static readonly Regex s_control = SourcePattern.Of(
        @"^(if|else|for|foreach|while|do|switch|using|lock|fixed|try|catch|unsafe|checked|await)\b");
    private static readonly Regex s_attribute = SourcePattern.Of(@"^(\[[^\]]*\]\s*)+");
    private static readonly Regex s_name = SourcePattern.Of(@"(?<name>\w+)\s*(?:<[^(]*>)?\s*\(");

    /// <summary>Name, first line and number of lines of every member and local function at the file's level.</summary>
    public static IReadOnlyList<(string Name, int Line, int Lines)> Find(string code)
    {
        var functions = new List<(string, int, int)>();
        var open = new Stack<(string Header, int Start, bool HoldsMembers)>();
        var headerStart = 0;
        var brackets = 0;
        for (var at = 0; at < code.Length; at++)
        {
            brackets += code[at] is '(' or '[' ? 1 : code[at] is ')' or ']' ? -1 : 0;
            if (code[at] == '{')
            {
                var start = headerStart + code[headerStart..at].TakeWhile(char.IsWhiteSpace).Count();
                var header = code[start..at].Trim();
                // Only the outermost block in a member counts: inside it, braces belong to the member's lines.
                open.Push((header, start, s_type.IsMatch(header) || header.StartsWith("namespace ")));
                headerStart = at + 1;
            }
            else if (code[at] == '}' && open.TryPop(out var block))
            {
                var parentHoldsMembers = open.Count == 0 || open.Peek().HoldsMembers;
                if (parentHoldsMembers && !block.HoldsMembers && IsFunction(block.Header))
                {
                    var line = SourceText.LineOf(code, block.Start);
                    functions.Add((NameOf(block.Header), line, LinesOf(code, block.Start, at)));
                }

                headerStart = at + 1;
            }
            else if (code[at] == ';' && brackets == 0)
            {
                headerStart = at + 1;
            }
        }

        return functions;
    }

    private static int LinesOf(string code, int start, int end) =>
        SourceText.LineOf(code, end) - SourceText.LineOf(code, start) + 1;

    /// <summary>It takes arguments, and is no control statement and no value being assigned.</summary>
    private static bool IsFunction(string header)
    {
        var bracket = header.IndexOf('(', StringComparison.Ordinal);
        return bracket > 0 && !s_assignment.IsMatch(header[..bracket]) && !s_control.IsMatch(header);
    }

    private static string NameOf(string header) =>
        s_name.Match(s_attribute.Replace(header, "")).Groups["name"].Value;
}
