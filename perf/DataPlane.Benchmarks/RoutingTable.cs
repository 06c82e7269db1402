using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Routing;

namespace DataPlane.Benchmarks;

/// <summary>
/// A table of a given size in the shapes real ones have: deep literals, parameters, greedy assets, a tenth of the
/// routes on hosts of their own. The requests go around the table, so that a large one has to be fetched from memory.
/// </summary>
internal sealed class RoutingTable
{
    /// <summary>A power of two: the benchmarks go around with a mask.</summary>
    public const int Requests = 1024;

    private readonly RouteTrieBuilder _builder = new();
    private int _count;

    public RoutingTable(int routes)
    {
        for (var i = 0; _count < routes; i++)
        {
            Add($"/api/v1/services/service-{i}/status", "GET");
            Add($"/api/v1/users-{i}/{{id}}", "GET");
            Add($"/api/v1/users-{i}/{{id}}/orders/{{order}}", "POST");
            Add($"/static/site-{i}/{{path+}}", "GET");
            Add($"/tenants/{{tenant}}/things-{i}", "");
            Groups = i + 1;
        }
        Trie = _builder.Build();
    }

    public RouteTrie Trie { get; }

    /// <summary>Values of i that have a whole set of routes without a host.</summary>
    public int Groups { get; }

    /// <summary>Paths with <c>#</c> replaced by one group after the other.</summary>
    public byte[][] Paths(string pattern) =>
    [
        .. Enumerable.Range(0, Requests)
            .Select(i => pattern.Replace("#", $"{i * 7 % Groups}", StringComparison.Ordinal))
            .Select(Encoding.ASCII.GetBytes),
    ];

    private void Add(string path, string method)
    {
        var template = PathTemplate.Parse(path);
        var route = new Route
        {
            Id = $"{method} {path}",
            StateIndex = _count,
            CaptureNames = template.Captures,
            RequestPolicies = [],
            ResponsePolicies = [],
            Integration = null!,
            RequestBodyBytes = 0,
        };
        var match = new RouteMatchConfig { Path = template, Methods = method.Length == 0 ? [] : [method] };
        _builder.Add(route, match, _count++);
        if (_count % 10 == 0) _builder.Add(route, match with { Hosts = [$"host-{_count}.example.com"] }, _count++);
    }
}
