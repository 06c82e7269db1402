using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Headers;
using DataPlane.Http.Headers;

namespace DataPlane.Benchmarks;

/// <summary>Hot type: <see cref="HeaderRules"/>. Removes is asked once per field of a head, Write once per
/// exchange.</summary>
[MemoryDiagnoser]
public class RoutingHeaderRulesBenchmarks
{
    private readonly RouteMatch _match = new();
    private readonly byte[] _destination = new byte[256];
    private readonly (KnownHeader Known, byte[] Name)[] _fields =
    [
        .. new[]
        {
            "Date", "Server", "Content-Type", "Content-Length", "Cache-Control", "ETag", "X-Powered-By", "Vary",
            "x-powered-up", "X-Request-Id",
        }.Select(Encoding.ASCII.GetBytes).Select(name => (KnownHeaders.Identify(name), name)),
    ];

    private HeaderRules _rules = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rules = HeaderRules.Compile(
            new HeaderRulesConfig
            {
                Remove = ["Server", "X-Powered-By"],
                Set = [new HeaderRule("X-Frame-Options", Parse("DENY"))],
                Add = [new HeaderRule("X-Client", Parse("{client.address}"))],
            },
            [])!;
        if (RemovesOfAHead() != 2)
            throw new InvalidOperationException("the wrong fields are removed");
        var written = Encoding.ASCII.GetString(_destination, 0, Write());
        if (written != "X-Frame-Options: DENY\r\nX-Client: 192.0.2.1\r\n")
            throw new InvalidOperationException($"wrote {written}");
    }

    /// <summary>Ten fields: known ones, one that is removed by name and one as long as that.</summary>
    [Benchmark]
    public int RemovesOfAHead()
    {
        var removed = 0;
        foreach (var (known, name) in _fields)
        {
            if (_rules.Removes(known, name)) removed++;
        }
        return removed;
    }

    [Benchmark]
    public int Write()
    {
        var input = new TemplateInput { Match = _match, Path = "/"u8, ClientAddress = "192.0.2.1"u8 };
        return _rules.Write(input, _destination);
    }

    private static ValueTemplate Parse(string text) => ValueTemplate.TryParse(text, [], out _)!;
}
