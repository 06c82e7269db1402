using DataPlane.Config;
using DataPlane.Config.Targets;

namespace DataPlane.Tests.Config.Targets;

/// <summary>What the factories of targets get.</summary>
public sealed class TargetTests
{
    [Fact]
    public void Upstream_HasItsRewrite()
    {
        UpstreamTarget target = Read<UpstreamTarget>(
            "{ upstream: u, rewrite: \"/x/{id}?q={id}\" }");
        Assert.Equal("u", target.Upstream);
        Assert.Equal("/x/{id}?q={id}", target.Rewrite!.Text);
        Assert.Null(Read<UpstreamTarget>("{ upstream: u }").Rewrite);
    }

    [Fact]
    public void RewriteThatStartsWithTheRequestsPath_IsTaken()
    {
        UpstreamTarget target = Read<UpstreamTarget>(
            "{ upstream: u, rewrite: \"{request.path}/x\" }");
        Assert.Equal(2, target.Rewrite!.Parts.Length);
    }

    [Fact]
    public void Split_HasItsShares()
    {
        SplitTarget target = Read<SplitTarget>(
            "{ split: [ { weight: 95, upstream: u }, { weight: 0, upstream: u, rewrite: /b } ] }");
        Assert.Equal(["95 u ", "0 u /b"], target.Shares.Select(s => $"{s.Weight} {s.Upstream} {s.Rewrite}").ToArray());
    }

    [Fact]
    public void Redirect_Is308UnlessWritten()
    {
        Assert.Equal(308, Read<RedirectTarget>("{ redirect: { location: /x } }").Status);
        RedirectTarget target = Read<RedirectTarget>(
            "{ redirect: { status: 301, location: \"https://{request.host}/{id}\" } }");
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
        MockTarget target = Read<MockTarget>($"{{ mock: {mock} }}");
        Assert.Equal(status, target.Status);
        Assert.Equal(headers, string.Join(", ", target.Headers.Select(header => $"{header.Name}: {header.Value}")));
        Assert.Equal(body, target.Body);
    }

    private static T Read<T>(string to) => Assert.IsType<T>(Route(to).To.Settings);

    private static RouteConfig Route(string to)
    {
        GatewayConfig config = ConfigText.Config($$"""
            upstreams: { u: { endpoints: [ "http://a" ] } }
            routes:
              - match: { path: "/{id}" }
                to: {{to}}
            """);
        return config.Routes[0];
    }
}
