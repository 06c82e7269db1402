using System.Globalization;
using System.Text;

namespace DataPlane.Tools.Upstreams;

/// <summary>
/// A strict reader of HTTP/1.1 requests after RFC 9112, from scratch at every call and with plain string code: it is
/// the oracle for the gateway's parser, so it shares nothing with it, its cleverness least of all.
/// </summary>
internal static class StrictRequestCheck
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    public static StrictCheckResult Examine(byte[] bytes)
    {
        // Latin-1 keeps one character per byte, so offsets in the text are offsets in the bytes.
        var text = Encoding.Latin1.GetString(bytes);
        var headEnd = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var visible = headEnd < 0 ? text : text[..headEnd];
        if (FindBadByte(visible, isComplete: headEnd >= 0) is { } badByte)
            return Refuse(badByte);
        if (headEnd < 0)
            return StrictCheckResult.NeedsMore;

        var lines = visible.Split("\r\n");
        if (CheckRequestLine(lines[0]) is { } badLine)
            return Refuse(badLine);
        var fields = new List<KeyValuePair<string, string>>();
        foreach (var line in lines.Skip(1))
        {
            if (CheckField(line, fields) is { } badField)
                return Refuse(badField);
        }

        var version = lines[0][^8..];
        if (CheckHost(fields, version) is { } badHost)
            return Refuse(badHost);
        return ExamineBody(text, headEnd + 4, fields, version);
    }

    private static StrictCheckResult Refuse(string fault) => new(0, fault);

    /// <summary>Controls, and CR or LF that are not together (RFC 9112 section 2.2; RFC 9110 section 5.5).</summary>
    private static string? FindBadByte(string head, bool isComplete)
    {
        for (var index = 0; index < head.Length; index++)
        {
            var one = head[index];
            if (one == '\n' && (index == 0 || head[index - 1] != '\r'))
                return "bare LF";
            if (one == '\r' && index + 1 < head.Length && head[index + 1] != '\n')
                return "bare CR";
            if (one == '\r' && index + 1 == head.Length && isComplete)
                return "bare CR";
            if ((one < 0x20 && one is not ('\t' or '\r' or '\n')) || one == 0x7f)
                return string.Create(CultureInfo.InvariantCulture, $"control byte 0x{(int)one:x2}");
        }

        return null;
    }

    private static string? CheckRequestLine(string line)
    {
        var parts = line.Split(' ');
        if (parts.Length != 3)
            return "request line is not three words";
        if (!IsToken(parts[0]))
            return "method is not a token";
        if (parts[1].Length == 0 || parts[1].Any(one => one is <= ' ' or > '~') || parts[1].Contains('#'))
            return "target has a byte that is not allowed";
        if (parts[0] != "CONNECT" && parts[1] != "*" && parts[1][0] != '/' && !parts[1].Contains("://"))
            return "target has none of the four forms";
        return parts[2] is "HTTP/1.1" or "HTTP/1.0" ? null : "version";
    }

    private static string? CheckField(string line, List<KeyValuePair<string, string>> fields)
    {
        if (line.StartsWith(' ') || line.StartsWith('\t'))
            return "obs-fold";
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !IsToken(line[..colon]))
            return "field name is not a token";
        fields.Add(new(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        return null;
    }

    private static string? CheckHost(List<KeyValuePair<string, string>> fields, string version)
    {
        var hosts = Values(fields, "Host");
        if (hosts.Count > 1)
            return "more than one Host";
        if (hosts.Count == 0)
            return version == "HTTP/1.1" ? "no Host" : null;
        return hosts[0].Any(one => one is <= ' ' or > '~' || ",/@?#\\".Contains(one)) ? "bad Host" : null;
    }

    /// <summary>Framing is decided here (RFC 9112 section 6): one Content-Length, or one chunked, or no body.</summary>
    private static StrictCheckResult ExamineBody(
        string text, int start, List<KeyValuePair<string, string>> fields, string version)
    {
        var lengths = Values(fields, "Content-Length");
        var encodings = Values(fields, "Transfer-Encoding");
        if (lengths.Count > 0 && encodings.Count > 0)
            return Refuse("Content-Length with Transfer-Encoding");
        if (lengths.Count > 1 || encodings.Count > 1)
            return Refuse("framing field twice");
        if (encodings.Count == 1)
        {
            if (version == "HTTP/1.0")
                return Refuse("Transfer-Encoding in HTTP/1.0");
            if (!encodings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase))
                return Refuse("Transfer-Encoding is not exactly chunked");
            return ExamineChunks(text, start);
        }

        if (lengths.Count == 0)
            return new(start, Fault: null);
        if (!long.TryParse(lengths[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return Refuse("Content-Length is not a plain number");
        return length <= text.Length - start
            ? new((int)(start + length), Fault: null)
            : StrictCheckResult.NeedsMore;
    }

    private static StrictCheckResult ExamineChunks(string text, int start)
    {
        var at = start;
        while (true)
        {
            var lineEnd = text.IndexOf('\n', at);
            if (lineEnd < 0)
            {
                var early = FindBadByte(text[at..], isComplete: false);
                return early is null ? StrictCheckResult.NeedsMore : Refuse(early);
            }

            var line = text[at..(lineEnd + 1)];
            if (FindBadByte(line, isComplete: false) is { } bad)
                return Refuse("chunk line: " + bad);
            var size = line[..^2].Split(';')[0];
            if (size.Length is 0 or > 16 || !size.All(char.IsAsciiHexDigit))
                return Refuse("chunk size is not plain hexadecimal");
            at = lineEnd + 1;
            var length = ulong.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (length == 0)
                return ExamineTrailers(text, at);
            if (length > (ulong)text.Length)
                return StrictCheckResult.NeedsMore;
            var dataEnd = at + (long)length;
            if (text.Length > dataEnd && text[(int)dataEnd] != '\r')
                return Refuse("chunk data does not end in CRLF");
            if (text.Length < dataEnd + 2)
                return StrictCheckResult.NeedsMore;
            if (text[(int)dataEnd + 1] != '\n')
                return Refuse("chunk data does not end in CRLF");
            at = (int)dataEnd + 2;
        }
    }

    private static StrictCheckResult ExamineTrailers(string text, int start)
    {
        var trailers = new List<KeyValuePair<string, string>>();
        var at = start;
        while (true)
        {
            var lineEnd = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            var line = lineEnd < 0 ? text[at..] : text[at..lineEnd];
            if (FindBadByte(line, isComplete: lineEnd >= 0) is { } bad)
                return Refuse("trailer: " + bad);
            if (lineEnd < 0)
                return StrictCheckResult.NeedsMore;
            if (line.Length == 0)
                return new(lineEnd + 2, Fault: null);
            if (CheckField(line, trailers) is { } badField)
                return Refuse("trailer: " + badField);
            // RFC 9110 section 6.5.1: fields for framing and routing are not for trailers.
            if (trailers[^1].Key.ToUpperInvariant() is "HOST" or "CONTENT-LENGTH" or "TRANSFER-ENCODING")
                return Refuse("trailer: field for framing or routing");
            at = lineEnd + 2;
        }
    }

    private static List<string> Values(List<KeyValuePair<string, string>> fields, string name) =>
    [
        .. fields
            .Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(field => field.Value),
    ];

    private static bool IsToken(string text) =>
        text.Length > 0 && text.All(one => char.IsAsciiLetterOrDigit(one) || TokenMarks.Contains(one));
}
