using System.Globalization;

namespace DataPlane.Tests.Routing;

/// <summary>Random small tables over few names, so that routes meet in every way the order of choice speaks
/// about.</summary>
public sealed class RouteTrieOracleTests
{
    private const int Tables = 3000;
    private const int RequestsPerTable = 25;

    private static readonly string[] s_hosts =
        ["", "", "", "*", "a.com", "*.a.com", "b.a.com", "*.b.a.com", "a.com *.b.a.com", "B.A.com"];

    private static readonly string[] s_methods = ["", "", "GET", "POST", "HEAD", "GET POST", "GET HEAD", "PURGE"];
    private static readonly string[] s_headers = ["", "", "", "", "x=1", "x=*", "y=1", "x=1 y=*"];
    private static readonly string[] s_query = ["", "", "", "", "q=1", "q=*", "r=*", "q=1 r=1"];
    private static readonly string[] s_requestHosts =
        ["a.com", "b.a.com", "x.b.a.com", "x.y.a.com", "A.COM", "c.com", ""];
    private static readonly string[] s_requestMethods = ["GET", "GET", "HEAD", "POST", "PURGE", "PUT", "BREW"];
    private static readonly string[] s_requestFields = ["X: 1", "X: 2", "Y: 1", "Z: 1"];
    private static readonly string[] s_requestQuery = ["q=1", "q=2", "r=1", "s=1"];

    [Fact]
    public void RandomTables_AgreeWithTheLinearMatcher()
    {
        var found = 0;
        var refused = 0;
        for (var seed = 0; seed < Tables; seed++)
        {
            var random = new Random(seed);
            var specs = RandomTable(random);
            var trie = RouteSpec.Compile(specs);
            var oracle = new RouteOracle(specs);
            for (var i = 0; i < RequestsPerTable; i++)
            {
                var method = Pick(random, s_requestMethods);
                var path = RandomPath(random);
                var query = string.Join('&', Some(random, s_requestQuery));
                var host = Pick(random, s_requestHosts);
                var fields = Some(random, s_requestFields);

                var expected = oracle.Answer(method, path, query, host, fields);
                var actual = new RouteRequest(method, $"{path}?{query}", host, fields).Answer(trie);

                Assert.True(expected == actual, string.Create(CultureInfo.InvariantCulture,
                    $"""
                    seed {seed}: {method} {host}{path}?{query} {string.Join("; ", fields)}
                    expected {expected}
                    got      {actual}
                    {string.Join('\n', specs)}
                    """));
                if (expected.StartsWith("405", StringComparison.Ordinal)) refused++;
                else if (expected != "404") found++;
            }
        }
        // The agreement means little if hardly any request meets a route.
        Assert.True(found > Tables * RequestsPerTable / 4, $"{found} found");
        Assert.True(refused > Tables * RequestsPerTable / 50, $"{refused} refused");
    }

    [Fact]
    public void DescribedRows_AreInMatchOrder()
    {
        for (var seed = 0; seed < Tables / 4; seed++)
        {
            var random = new Random(seed);
            var specs = RandomTable(random);
            var trie = RouteSpec.Compile(specs);
            var byId = specs.ToDictionary(spec => spec.RouteId, StringComparer.Ordinal);
            for (var i = 0; i < RequestsPerTable; i++)
            {
                var path = RandomPath(random);
                var host = Pick(random, s_requestHosts);
                var fields = Some(random, s_requestFields);
                var firstRow = trie.Describe()
                    .Select(row => byId[row.RouteId] with { Hosts = row.Host, Id = row.RouteId })
                    .Select(spec => new RouteOracle([spec]).Answer("POST", path, "q=1", host, fields))
                    .FirstOrDefault(answer => answer != "404" && !answer.StartsWith("405", StringComparison.Ordinal));

                var actual = new RouteRequest("POST", $"{path}?q=1", host, fields).Answer(trie);

                if (firstRow is null) Assert.Matches("^40[45]", actual);
                else Assert.Equal(firstRow, actual);
            }
        }
    }

    private static List<RouteSpec> RandomTable(Random random)
    {
        var specs = new List<RouteSpec>();
        for (var count = random.Next(1, 60); count > 0; count--)
        {
            specs.Add(new RouteSpec(
                RandomTemplate(random),
                Pick(random, s_methods),
                Pick(random, s_hosts),
                Pick(random, s_headers),
                Pick(random, s_query),
                random.Next(4) == 0 ? random.Next(-1, 3) : 0,
                Id: $"r{specs.Count}"));
        }
        return specs;
    }

    private static string RandomTemplate(Random random)
    {
        var path = "";
        var depth = random.Next(4);
        for (var i = 0; i < depth; i++)
            path += random.Next(5) < 2 ? $"/{{p{i}}}" : $"/{(char)('a' + random.Next(2))}";
        return random.Next(4) switch
        {
            0 => path + "/",
            1 => path + "/{rest+}",
            _ => path.Length == 0 ? "/" : path,
        };
    }

    private static string RandomPath(Random random)
    {
        var path = "";
        for (var depth = random.Next(5); depth > 0; depth--)
            path += $"/{(char)('a' + random.Next(3))}";
        return path.Length == 0 || random.Next(4) == 0 ? path + "/" : path;
    }

    private static string Pick(Random random, string[] choices) => choices[random.Next(choices.Length)];

    private static string[] Some(Random random, string[] choices) => [.. choices.Where(_ => random.Next(2) == 0)];
}
