using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Routing;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Benchmarks;

/// <summary>Hot type: <see cref="RouteTrie"/>. One match per operation, over tables of three sizes.</summary>
[MemoryDiagnoser]
public class RoutingTrieBenchmarks
{
    private readonly RouteMatch _match = new();
    private readonly RequestHead _head = new();
    private readonly byte[] _headBytes = "GET / HTTP/1.1\r\nHost: api.example.org\r\n\r\n"u8.ToArray();
    private RouteTrie _trie = null!;
    private byte[][] _literals = null!;
    private byte[][] _parameters = null!;
    private byte[][] _greedy = null!;
    private byte[][] _misses = null!;
    private byte[][] _otherMethods = null!;
    private int _next;

    [Params(10, 1000, 10_000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var table = new RoutingTable(Routes);
        _trie = table.Trie;
        _literals = table.Paths("/api/v1/services/service-#/status");
        _parameters = table.Paths("/api/v1/users-#/1234567");
        _greedy = table.Paths("/static/site-#/css/site.css");
        _misses = table.Paths("/api/v1/services/service-#/missing");
        _otherMethods = table.Paths("/api/v1/users-#/1234567/orders/1");
        if (RequestHeadParser.Parse(_headBytes, _head, HeadLimits.Default) != ParseStatus.Complete)
            throw new InvalidOperationException("the head does not parse");
        Check(_literals, RouteMatchStatus.Found, captures: 0);
        Check(_parameters, RouteMatchStatus.Found, captures: 1);
        Check(_greedy, RouteMatchStatus.Found, captures: 1);
        Check(_misses, RouteMatchStatus.NotFound, captures: 0);
        Check(_otherMethods, RouteMatchStatus.MethodNotAllowed, captures: 0);
    }

    [Benchmark]
    public RouteMatchStatus Literal() => Match(_literals);

    [Benchmark]
    public RouteMatchStatus Parameter() => Match(_parameters);

    [Benchmark]
    public RouteMatchStatus Greedy() => Match(_greedy);

    [Benchmark]
    public RouteMatchStatus Miss() => Match(_misses);

    [Benchmark]
    public RouteMatchStatus OtherMethod() => Match(_otherMethods);

    private RouteMatchStatus Match(byte[][] paths) => Match(paths[_next++ & (RoutingTable.Requests - 1)]);

    private RouteMatchStatus Match(byte[] path) =>
        _trie.Match("api.example.org"u8, path, _head, _headBytes, _match);

    private void Check(byte[][] paths, RouteMatchStatus status, int captures)
    {
        foreach (var path in paths)
        {
            if (Match(path) != status || _match.Count != captures)
                throw new InvalidOperationException($"{System.Text.Encoding.ASCII.GetString(path)} is not {status}");
        }
    }
}
