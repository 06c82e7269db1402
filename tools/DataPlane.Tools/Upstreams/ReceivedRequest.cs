using System.Text;

namespace DataPlane.Tools.Upstreams;

/// <summary>
/// One request as it arrived. It is recorded when its head is complete; <see cref="Raw"/> and <see cref="Body"/> are
/// filled when the body has been read, which <see cref="IsComplete"/> tells.
/// </summary>
public sealed class ReceivedRequest
{
    internal ReceivedRequest(int connection, string[] headLines, byte[] rawHead)
    {
        Connection = connection;
        var start = headLines[0].Split(' ');
        Method = start[0];
        Target = start.Length > 1 ? start[1] : "";
        Version = start.Length > 2 ? start[2] : "";
        Headers = [.. headLines.Skip(1).Select(SplitField)];
        RawHead = rawHead;
        Raw = rawHead;
    }

    /// <summary>Ordinal of the connection it came on, from 1.</summary>
    public int Connection { get; }

    public string Method { get; }

    public string Target { get; }

    public string Version { get; }

    /// <summary>Fields in order of arrival, duplicates kept; bytes read as Latin-1.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>The head's bytes, with the empty line that ends it.</summary>
    public byte[] RawHead { get; }

    /// <summary>Every byte of the request: head, and body with its framing.</summary>
    public byte[] Raw { get; private set; }

    /// <summary>The body without its framing.</summary>
    public byte[] Body { get; private set; } = [];

    public bool IsComplete { get; private set; }

    /// <summary>The raw bytes as Latin-1 text, for comparison with a literal.</summary>
    public string RawText => Encoding.Latin1.GetString(Raw);

    /// <summary>The values of a field joined by ", " (RFC 9110 section 5.3), or null when it is absent.</summary>
    public string? Header(string name)
    {
        var values = Headers.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
        return values.Count == 0 ? null : string.Join(", ", values.Select(field => field.Value));
    }

    internal bool HasToken(string name, string token) =>
        Header(name)?.Split(',').Any(part => part.Trim().Equals(token, StringComparison.OrdinalIgnoreCase)) ?? false;

    internal void Complete(byte[] raw, byte[] body)
    {
        Raw = raw;
        Body = body;
        IsComplete = true;
    }

    private static KeyValuePair<string, string> SplitField(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? new(line, "") : new(line[..colon], line[(colon + 1)..].Trim());
    }
}
