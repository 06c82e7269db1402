using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;

namespace DataPlane.Tests.Policies.Templates;

/// <summary>The values a template may use, as a test wants them; captures are pieces of the path.</summary>
internal sealed class TemplateRequest
{
    private readonly RouteMatch _match = new();
    private readonly List<string> _names = [];

    public string Path { get; init; } = "/users/42";

    public string RequestId { get; init; } = "req-1";

    public string ClientAddress { get; init; } = "192.0.2.1";

    public string Host { get; init; } = "example.com";

    public string Query { get; init; } = "a=1&b=2";

    public IReadOnlyList<string> CaptureNames => _names;

    /// <summary>The value has to stand in the path.</summary>
    public TemplateRequest With(string name, string value)
    {
        var start = Path.LastIndexOf(value, StringComparison.Ordinal);
        Assert.True(start >= 0);
        _names.Add(name);
        _match.Push(new ByteRange(start, value.Length));
        return this;
    }

    public ValueTemplate Parse(string text) =>
        ValueTemplate.TryParse(text, [.. CaptureNames], out var problem) ?? throw new FormatException(problem.Message);

    /// <summary>The text, or <c>refused</c>.</summary>
    public string Render(string text, TemplateTarget target)
    {
        var template = CompiledTemplate.Compile(Parse(text), [.. _names], target);
        var destination = new byte[64 * 1024];
        var length = template.Render(Input(), destination);
        if (length == CompiledTemplate.Refused) return "refused";
        Assert.InRange(length, 0, destination.Length);
        AssertNeedsExactly(template, length);
        return Encoding.UTF8.GetString(destination, 0, length);
    }

    public TemplateInput Input() => new()
    {
        Match = _match,
        Path = Latin1(Path),
        RequestId = Latin1(RequestId),
        ClientAddress = Latin1(ClientAddress),
        Host = Latin1(Host),
        Query = Latin1(Query),
    };

    private void AssertNeedsExactly(CompiledTemplate template, int length)
    {
        for (var size = 0; size <= length; size++)
        {
            var destination = new byte[length + 1];
            destination.AsSpan().Fill(0xee);
            var expected = size == length ? length : CompiledTemplate.DoesNotFit;
            Assert.Equal(expected, template.Render(Input(), destination.AsSpan(0, size)));
            Assert.False(destination.AsSpan(size).ContainsAnyExcept((byte)0xee));
        }
    }

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);
}
