using DataPlane.Config;
using DataPlane.Config.Targets;

namespace DataPlane.Tests.Config.Targets;

/// <summary>What a compiler gets when it reads a checked target again.</summary>
public sealed class TargetTests
{
    private delegate bool Reader<T>(
        DataPlane.Config.Reading.ConfigNode node,
        string path,
        ConfigErrors errors,
        GatewayConfigReferences references,
        out T target);

    [Fact]
    public void Upstream_HasItsRewrite()
    {
        UpstreamTarget target = Read<UpstreamTarget>(
            "{ upstream: u, rewrite: \"/x/{id}?q={id}\" }", UpstreamTarget.TryRead);
        Assert.Equal("u", target.Upstream);
        Assert.Equal("/x/{id}?q={id}", target.Rewrite!.Text);
        Assert.Null(Read<UpstreamTarget>("{ upstream: u }", UpstreamTarget.TryRead).Rewrite);
    }

    [Fact]
    public void RewriteThatStartsWithTheRequestsPath_IsTaken()
    {
        UpstreamTarget target = Read<UpstreamTarget>(
            "{ upstream: u, rewrite: \"{request.path}/x\" }", UpstreamTarget.TryRead);
        Assert.Equal(2, target.Rewrite!.Parts.Length);
    }

    [Fact]
    public void Split_HasItsShares()
    {
        SplitTarget target = Read<SplitTarget>(
            "{ split: [ { weight: 95, upstream: u }, { weight: 0, upstream: u, rewrite: /b } ] }", SplitTarget.TryRead);
        Assert.Equal(["95 u ", "0 u /b"], target.Shares.Select(s => $"{s.Weight} {s.Upstream} {s.Rewrite}").ToArray());
    }

    [Fact]
    public void Redirect_Is308UnlessWritten()
    {
        Assert.Equal(308, Read<RedirectTarget>("{ redirect: { location: /x } }", RedirectTarget.TryRead).Status);
        RedirectTarget target = Read<RedirectTarget>(
            "{ redirect: { status: 301, location: \"https://{request.host}/{id}\" } }", RedirectTarget.TryRead);
        Assert.Equal("301 https://{request.host}/{id}", $"{target.Status} {target.Location}");
    }

    [Theory]
    [InlineData("{}", 200, "", "")]
    [InlineData("{ body: pong }", 200, "Content-Type: text/plain; charset=utf-8", "pong")]
    [InlineData("{ status: 404, headers: { X-A: 1 } }", 404, "X-A: 1", "")]
    [InlineData("{ body: { a: 1, b: [true, null, \"2\", x, 007, 1.5e3, -0.1] } }", 200,
        "Content-Type: application/json", """{"a":1,"b":[true,null,"2","x","007",1.5e3,-0.1]}""")]
    [InlineData("{ body: [], headers: { content-type: text/x } }", 200, "content-type: text/x", "[]")]
    [InlineData("{ body: { text: \"é <&> \\\"\" } }", 200, "Content-Type: application/json",
        """{"text":"é <&> \""}""")]
    public void Mock_HasABodyWithItsType(string mock, int status, string headers, string body)
    {
        MockTarget target = Read<MockTarget>($"{{ mock: {mock} }}", MockTarget.TryRead);
        Assert.Equal(status, target.Status);
        Assert.Equal(headers, string.Join(", ", target.Headers.Select(header => $"{header.Name}: {header.Value}")));
        Assert.Equal(body, target.Body);
    }

    [Fact]
    public void TargetThatIsWrong_IsNotRead()
    {
        RouteConfig route = Route("{ mock: {} }", out GatewayConfig config);
        var errors = new ConfigErrors();
        Assert.False(UpstreamTarget.TryRead(
            route.To.Node, "to", errors, GatewayConfigReferences.For(config), out _));
        Assert.True(errors.Any);
    }

    private static T Read<T>(string to, Reader<T> read)
    {
        RouteConfig route = Route(to, out GatewayConfig config);
        var errors = new ConfigErrors();
        var references = GatewayConfigReferences.For(config).WithCaptures(route.Match.Path.Captures);
        Assert.True(read(route.To.Node, "to", errors, references, out T target));
        Assert.Empty(errors.Items);
        return target;
    }

    private static RouteConfig Route(string to, out GatewayConfig config)
    {
        config = ConfigText.Config($$"""
            upstreams: { u: { endpoints: [ "http://a" ] } }
            routes:
              - match: { path: "/{id}" }
                to: {{to}}
            """);
        return config.Routes[0];
    }
}
