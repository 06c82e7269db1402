using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Routing;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Routing;

/// <summary>A parsed request with everything a match needs; its path is canonical as written.</summary>
internal sealed class RouteRequest
{
    private readonly byte[] _bytes;
    private readonly byte[] _host;
    private readonly byte[] _path;
    private readonly RequestHead _head = new();

    /// <summary><paramref name="fields"/> are lines without their line ends.</summary>
    public RouteRequest(string method, string target, string host = "example.com", params string[] fields)
    {
        var lines = new[] { $"{method} {target} HTTP/1.1", "Host: h" }.Concat(fields);
        _bytes = Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n");
        _host = Encoding.ASCII.GetBytes(host);
        var status = RequestHeadParser.Parse(_bytes, _head, new HeadLimits(64 * 1024, 32 * 1024, 100));
        Assert.Equal(ParseStatus.Complete, status);
        _path = _head.PathRange.Of(_bytes).ToArray();
    }

    public ReadOnlySpan<byte> Path => _path;

    public RouteMatchStatus Match(RouteTrie trie, RouteMatch match) => trie.Match(_host, _path, _head, _bytes, match);

    public RouteSearch NewSearch(RouteTrie trie) =>
        new(trie.Tables, _path, _head, _bytes, MethodTable.Bit(_head.Method));

    /// <summary><c>id</c>, <c>id name=value name=value</c>, <c>405 GET, HEAD</c> or <c>404</c>.</summary>
    public string Answer(RouteTrie trie)
    {
        var match = new RouteMatch();
        return Match(trie, match) switch
        {
            RouteMatchStatus.Found => Found(match),
            RouteMatchStatus.MethodNotAllowed => $"405 {Encoding.ASCII.GetString(match.Allow!)}",
            _ => "404",
        };
    }

    private string Found(RouteMatch match)
    {
        Assert.Null(match.Allow);
        var answer = new StringBuilder(match.Route!.Id);
        var names = match.Route.CaptureNames;
        Assert.Equal(names.Length, match.Count);
        for (var i = 0; i < names.Length; i++)
            answer.Append($" {names[i]}={Encoding.ASCII.GetString(match.Captures[i].Of(_path))}");
        return answer.ToString();
    }
}
