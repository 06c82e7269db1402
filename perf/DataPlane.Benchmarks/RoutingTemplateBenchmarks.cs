using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;

namespace DataPlane.Benchmarks;

/// <summary>Hot type: <see cref="CompiledTemplate"/>. One rendering per operation.</summary>
[MemoryDiagnoser]
public class RoutingTemplateBenchmarks
{
    private readonly RouteMatch _match = new();
    private readonly byte[] _path = "/users/1234567/files/a|b%20c"u8.ToArray();
    private readonly byte[] _destination = new byte[256];
    private CompiledTemplate _literal = null!;
    private CompiledTemplate _rewrite = null!;
    private CompiledTemplate _escaping = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _match.Push(new ByteRange("/users/".Length, "1234567".Length));
        _match.Push(new ByteRange("/users/1234567/files/".Length, "a|b%20c".Length));
        _literal = Compile("/v2/users/everybody");
        _rewrite = Compile("/v2/users/{id}/profile");
        _escaping = Compile("/v2/files/{file}");
        Check(Literal(), "/v2/users/everybody");
        Check(Rewrite(), "/v2/users/1234567/profile");
        Check(Escaping(), "/v2/files/a%7Cb%20c");
    }

    [Benchmark]
    public int Literal() => Render(_literal);

    [Benchmark]
    public int Rewrite() => Render(_rewrite);

    [Benchmark]
    public int Escaping() => Render(_escaping);

    private static CompiledTemplate Compile(string text)
    {
        string[] names = ["id", "file"];
        return CompiledTemplate.Compile(
            ValueTemplate.TryParse(text, names, out _)!, [.. names], TemplateTarget.Uri);
    }

    private int Render(CompiledTemplate template) =>
        template.Render(new TemplateInput { Match = _match, Path = _path }, _destination);

    private void Check(int length, string expected)
    {
        var actual = Encoding.ASCII.GetString(_destination, 0, Math.Max(0, length));
        if (actual != expected) throw new InvalidOperationException($"{actual} is not {expected}");
    }
}
