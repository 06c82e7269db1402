using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Config;
using DataPlane.Gateway.Compilation.Templates;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Policies.Headers;
using DataPlane.Http.Headers;

namespace DataPlane.Benchmarks;

/// <summary>Hot type: <see cref="HeaderRules"/>. Removes is asked once per field of a head, Write once per
/// exchange.</summary>
[MemoryDiagnoser]
public class RoutingHeaderRulesBenchmarks
{
    private readonly RouteMatch _match = new();
    private readonly byte[] _destination = new byte[256];
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
        if (!RemovesKnown() || RemovesOther())
            throw new InvalidOperationException("the wrong fields are removed");
        var written = Encoding.ASCII.GetString(_destination, 0, Write());
        if (written != "X-Frame-Options: DENY\r\nX-Client: 192.0.2.1\r\n")
            throw new InvalidOperationException($"wrote {written}");
    }

    [Benchmark]
    public bool RemovesKnown() => _rules.Removes(KnownHeader.Server, "server"u8);

    /// <summary>As long as a removed name: it has to be compared.</summary>
    [Benchmark]
    public bool RemovesOther() => _rules.Removes(KnownHeader.Other, "x-powered-up"u8);

    [Benchmark]
    public int Write()
    {
        var input = new TemplateInput { Match = _match, Path = "/"u8, ClientAddress = "192.0.2.1"u8 };
        return _rules.Write(input, _destination);
    }

    private static ValueTemplate Parse(string text) => ValueTemplate.TryParse(text, [], out _)!;
}
