using System.Net;
using System.Text;

namespace DataPlane.Gateway.Compilation.Explaining;

/// <summary>A request that nobody sent. The URL is absolute, or a path with a query; it is taken as it is.</summary>
public sealed record ExplainedRequest(
    string Method, string Url, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Whose request it is taken for.</summary>
    public IPAddress Client { get; init; } = IPAddress.Loopback;

    /// <summary>The head a client would send over HTTP/1.1; null when the texts are none of a head.</summary>
    public byte[]? ToHead()
    {
        int scheme = Url.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? Url : Url[(scheme + 3)..];
        int path = scheme < 0 ? 0 : rest.AsSpan().IndexOfAny('/', '?');
        string authority = path < 0 ? rest : rest[..path];
        string target = path < 0 ? "/" : rest[path..];
        if (target.StartsWith('?')) target = "/" + target;
        // What follows a # never leaves a client.
        int fragment = target.IndexOf('#');
        if (fragment >= 0) target = target[..fragment];
        var text = new StringBuilder($"{Method} {target} HTTP/1.1\r\n");
        if (!Headers.Any(each => each.Key.Equals("host", StringComparison.OrdinalIgnoreCase)))
            text.Append("Host: ").Append(authority.Length == 0 ? "localhost" : authority).Append("\r\n");
        int lines = 1 + text.ToString().AsSpan(0, text.Length - 2).Count('\n');
        foreach (var (name, value) in Headers)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
            lines++;
        }
        string head = text.Append("\r\n").ToString();
        // A line more than was written: somebody's text had its own line ends.
        return head.AsSpan().Count('\n') == lines + 1 ? Encoding.UTF8.GetBytes(head) : null;
    }
}
