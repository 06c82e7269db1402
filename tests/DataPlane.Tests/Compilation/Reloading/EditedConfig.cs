using System.Text;

namespace DataPlane.Tests.Compilation.Reloading;

/// <summary>A configuration that somebody edits again and again, now and then wrongly.</summary>
internal sealed class EditedConfig
{
    private static readonly string[] s_targets =
    [
        "{ mock: { status: 200, body: \"x\" } }", "{ upstream: u }", "{ upstream: v, rewrite: \"/v2/{id}\" }",
        "{ redirect: { location: \"https://{request.host}/\" } }", "{ split: [ { weight: 1, upstream: u } ] }",
        "{ upstream: w }",
    ];

    private readonly Random _random;
    private readonly List<string[]> _routes = [];
    private int _made;
    private int _timeout = 60;
    private bool _hasThird = true;
    private int _weight = 1;

    public EditedConfig(Random random)
    {
        _random = random;
        for (int each = 0; each < 30; each++) _routes.Add(Route());
    }

    public static string AnyPath(Random random) => $"/s{random.Next(8)}/i{random.Next(80)}/{random.Next(9)}";

    public static string AnyHost(Random random) => random.Next(3) == 0 ? "other.org" : $"h{random.Next(4)}.example.com";

    public void Edit()
    {
        int place = _random.Next(_routes.Count);
        switch (_random.Next(10))
        {
            case 0:
                _routes.Insert(place, Route());
                break;
            case 1 when _routes.Count > 10:
                _routes.RemoveAt(place);
                break;
            case 2:
                // There twice; the next edits take one of them away.
                if (_random.Next(4) == 0) _routes.Add(_routes[place]);
                break;
            case 3:
                _timeout = 30 + _random.Next(60);
                break;
            case 4:
                _hasThird = !_hasThird;
                break;
            case 5:
                _weight = 1 + _random.Next(5);
                break;
            case 6:
                (_routes[0], _routes[place]) = (_routes[place], _routes[0]);
                break;
            default:
                _routes[place] = Route();
                break;
        }
        var seen = new HashSet<string[]>();
        if (_random.Next(3) == 0) _routes.RemoveAll(each => !seen.Add(each));
    }

    public string WriteJson() =>
        $"{{ {Head(", ")}, \"routes\": [\n"
        + string.Join(_random.Next(2) == 0 ? ",\n" : ", ", _routes.Select(each => $"{{ {string.Join(", ", each)} }}"))
        + "\n] }\n";

    public string WriteYaml()
    {
        var text = new StringBuilder(Head("\n")).Append("\nroutes:\n");
        foreach (string[] route in _routes)
        {
            if (_random.Next(4) == 0) text.Append("  # A note, here today\n");
            text.Append("  - ").AppendJoin("\n    ", route).Append('\n');
        }
        return text.ToString();
    }

    private string Head(string separator)
    {
        string third = _hasThird ? ", \"w\": { \"endpoints\": [ \"http://c\" ] }" : "";
        return $"\"limits\": {{ \"exchangeTimeout\": \"{_timeout}s\" }}{separator}\"upstreams\": {{ "
            + $"\"u\": {{ \"endpoints\": [ {{ \"url\": \"http://a\", \"weight\": {_weight} }} ] }}, "
            + $"\"v\": {{ \"endpoints\": [ \"http://b\" ] }}{third} }}";
    }

    /// <summary>Its keys with their values.</summary>
    private string[] Route()
    {
        int number = _made++;
        string host = _random.Next(3) == 0 ? "" : $"hosts: [ \"h{_random.Next(4)}.example.com\" ], ";
        var keys = new List<string>
        {
            $"id: r{number}",
            $"match: {{ {host}path: \"/s{_random.Next(8)}/i{number}/{{id}}\" }}",
            "to: " + s_targets[_random.Next(_random.Next(4) == 0 ? s_targets.Length : s_targets.Length - 1)],
        };
        if (_random.Next(4) == 0) keys.Add("timeout: 5s");
        if (_random.Next(4) == 0) keys.Add("headers: { request: { set: { X-A: \"{id}\" } } }");
        return [.. keys];
    }
}
