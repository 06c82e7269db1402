using System.Globalization;
using System.Text;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>A response as it came over the wire, taken apart by plain string code of the tests' own.</summary>
internal sealed record RawResponse(string Head, byte[] Body)
{
    public string StatusLine => Head[..Head.IndexOf("\r\n", StringComparison.Ordinal)];

    public int Status => int.Parse(Head.AsSpan(9, 3), CultureInfo.InvariantCulture);

    public string Text => Encoding.Latin1.GetString(Body);

    public bool Closes => Field("Connection") == "close";

    /// <summary>The values of a field joined by ", ", or null when it is absent.</summary>
    public string? Field(string name)
    {
        var values = Head.Split("\r\n").Skip(1)
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim())
            .ToList();
        return values.Count == 0 ? null : string.Join(", ", values);
    }

    /// <summary>The head, with the one value that differs from run to run replaced.</summary>
    public string HeadWithoutDate => string.Join("\r\n", Head.Split("\r\n").Select(WithoutDate));

    private static string WithoutDate(string line) =>
        line.StartsWith("Date: ", StringComparison.Ordinal) ? "Date: *" : line;
}
