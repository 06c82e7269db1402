using System.Globalization;

namespace DataPlane.Tests.Functional.Vectors;

/// <summary>Reads what a client received, to its end, the way a strict client would; with code of its own.</summary>
internal static class StrictResponses
{
    /// <summary>Statuses in order, or null when the bytes are not a row of whole responses.</summary>
    public static int[]? Statuses(string text, bool toHead = false)
    {
        var statuses = new List<int>();
        while (text.Length > 0)
        {
            int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0 || !text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)) return null;
            string[] lines = text[..end].Split("\r\n");
            if (text[..end].Replace("\r\n", "").Any(one => one is '\r' or '\n' or '\0')) return null;
            int status = int.Parse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture);
            statuses.Add(status);
            text = text[(end + 4)..];
            if (toHead || status is < 200 or 204 or 304) continue;
            int length = BodyLength(lines, text);
            if (length < 0 || length > text.Length) return null;
            text = text[length..];
        }
        return [.. statuses];
    }

    public static bool AreWhole(string text) => Statuses(text) is { Length: > 0 };

    private static int BodyLength(string[] lines, string rest)
    {
        string? length = Field(lines, "Content-Length");
        if (Field(lines, "Transfer-Encoding") is null)
        {
            return length is null ? rest.Length : int.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        if (length is not null) return -1;
        int at = 0;
        while (true)
        {
            int end = rest.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (end < 0) return -1;
            int size = int.Parse(rest[at..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            at = end + 2 + size + 2;
            if (at > rest.Length || rest[(at - 2)..at] != "\r\n") return -1;
            if (size == 0) return at;
        }
    }

    private static string? Field(string[] lines, string name) => lines
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..]
        .Trim();
}
