using DataPlane.Gateway.Pipeline.Templates;

namespace DataPlane.Tests.Policies.Templates;

public sealed class CompiledTemplateTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("/v2/users", "/v2/users")]
    [InlineData("/v2/users/{id}", "/v2/users/42")]
    [InlineData("{id}{id}", "4242")]
    [InlineData("/{{{id}}}", "/{42}")]
    [InlineData("https://{request.host}{request.path}?{request.query}", "https://example.com/users/42?a=1&b=2")]
    [InlineData("/{client.address}/{request.id}", "/192.0.2.1/req-1")]
    [InlineData("/a b/é/\u0001", "/a%20b/%C3%A9/%01")]
    public void Uri_IsRendered(string template, string expected) =>
        Assert.Equal(expected, new TemplateRequest().With("id", "42").Render(template, TemplateTarget.Uri));

    [Theory]
    [InlineData("a-b.c_d~e", "a-b.c_d~e")]
    [InlineData("a!$&'()*+,=:@b", "a!$&'()*+,=:@b")]
    [InlineData("a%20b%2F%E2%82%AC", "a%20b%2F%E2%82%AC")]
    [InlineData("100%", "100%25")]
    [InlineData("%zz%4", "%25zz%254")]
    [InlineData("a|b^c{d}[e]", "a%7Cb%5Ec%7Bd%7D%5Be%5D")]
    [InlineData("a?b#c", "a%3Fb%23c")]
    [InlineData("a\"<>\\ b", "a%22%3C%3E%5C%20b")]
    [InlineData("caf\u00e9", "caf%E9")]
    [InlineData("a/b/c/", "a/b/c/")]
    public void CaptureInAPath_IsEncodedForIt(string capture, string expected)
    {
        var request = new TemplateRequest { Path = $"/files/{capture}" }.With("rest", capture);

        Assert.Equal($"/v2/{expected}/x", request.Render("/v2/{rest}/x", TemplateTarget.Uri));
    }

    [Theory]
    [InlineData("a&admin=1", "a%26admin%3D1")]
    [InlineData("a+b", "a%2Bb")]
    [InlineData("a%20b", "a%20b")]
    [InlineData("a/b:c@d", "a/b:c@d")]
    [InlineData("a;b?c", "a%3Bb%3Fc")]
    public void CaptureBehindAQuestionMark_AddsNoField(string capture, string expected)
    {
        var request = new TemplateRequest { Path = $"/{capture}" }.With("q", capture);

        Assert.Equal($"/search?q={expected}&x=1", request.Render("/search?q={q}&x=1", TemplateTarget.Uri));
    }

    [Fact]
    public void QueryInItsPlace_KeepsItsSyntax()
    {
        var request = new TemplateRequest { Query = "a=1&b=c+d/e?f:g&h=%20|^" };

        var rendered = request.Render("/x?y=1&{request.query}", TemplateTarget.Uri);

        Assert.Equal("/x?y=1&a=1&b=c+d/e?f:g&h=%20%7C%5E", rendered);
    }

    [Theory]
    [InlineData("a/b", "/log/a%2Fb")]
    [InlineData("../x", "/log/..%2Fx")]
    [InlineData("..", "refused")]
    [InlineData(".", "refused")]
    [InlineData("...", "/log/...")]
    [InlineData("..;", "/log/..%3B")]
    [InlineData("a?b#c", "/log/a%3Fb%23c")]
    [InlineData("", "/log/")]
    public void RequestIdInAPath_StaysOneSegment(string requestId, string expected)
    {
        var request = new TemplateRequest { RequestId = requestId };

        Assert.Equal(expected, request.Render("/log/{request.id}", TemplateTarget.Uri));
    }

    [Theory]
    [InlineData("[2001:db8::1]", "https://[2001:db8::1]/")]
    [InlineData("example.com", "https://example.com/")]
    [InlineData("a@b", "https://a%40b/")]
    [InlineData("a/b", "https://a%2Fb/")]
    [InlineData("", "refused")]
    public void HostOfALocation_StaysAHost(string host, string expected)
    {
        var request = new TemplateRequest { Host = host };

        Assert.Equal(expected, request.Render("https://{request.host}/", TemplateTarget.Uri));
    }

    [Theory]
    [InlineData("a b%20|\"é,;", "<a b%20|\"é,;>")]
    [InlineData("..", "<..>")]
    [InlineData("", "<>")]
    public void HeaderValue_IsTheBytesAsTheyAre(string query, string expected)
    {
        var utf8 = System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(query));

        Assert.Equal(
            expected, new TemplateRequest { Query = utf8 }.Render("<{request.query}>", TemplateTarget.HeaderValue));
    }

    [Fact]
    public void EveryControlByte_IsRefusedEverywhere()
    {
        foreach (var control in Enumerable.Range(0, 32).Append(127).Select(code => $"a{(char)code}b"))
        {
            var request = new TemplateRequest
            {
                Path = $"/{control}",
                RequestId = control,
                ClientAddress = control,
                Host = control,
                Query = control,
            }.With("x", control);
            foreach (var target in Enum.GetValues<TemplateTarget>())
            {
                Assert.Equal("refused", request.Render("{x}", target));
                Assert.Equal("refused", request.Render("{request.path}", target));
                Assert.Equal("refused", request.Render("{request.id}", target));
                Assert.Equal("refused", request.Render("{client.address}", target));
                Assert.Equal("refused", request.Render("http://{request.host}/", target));
                Assert.Equal("refused", request.Render("/?{request.query}", target));
            }
        }
    }

    [Fact]
    public void RandomCaptures_RenderToWhatAUriAllows()
    {
        const string Allowed = "-._~!$&'()*+,;=:@/?%0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var value = string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => (char)random.Next(32, 256)));
            var request = new TemplateRequest { Path = $"/{value}", RequestId = value, Query = value }.With("x", value);

            var rendered = request.Render("/{x}/-{request.id}?q={x}&{request.query}", TemplateTarget.Uri);

            if (rendered == "refused") continue; // a DEL in it, or nothing but dots
            Assert.DoesNotContain(rendered, c => !Allowed.Contains(c));
            Assert.Equal(value.Count(c => c == '/'), rendered[..rendered.IndexOf('?')].Count(c => c == '/') - 2);
            Assert.Matches("^([^%]|%[0-9A-Fa-f]{2})*$", rendered);
        }
    }

    [Fact]
    public void UnknownParameter_IsAnArgumentError()
    {
        var template = new TemplateRequest().With("id", "42").Parse("/{id}");

        Assert.Throws<ArgumentException>(() => CompiledTemplate.Compile(template, ["other"], TemplateTarget.Uri));
    }

    [Fact]
    public void Render_AllocatesNothing()
    {
        var request = new TemplateRequest { Path = "/a|b", Query = "x y" }.With("x", "a|b");
        var template = CompiledTemplate.Compile(
            request.Parse("https://{request.host}/{x}?q={x}&{request.query}"), ["x"], TemplateTarget.Uri);
        var destination = new byte[256];
        var input = request.Input();
        for (var i = 0; i < 100; i++)
            Assert.True(template.Render(input, destination) > 0);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            template.Render(input, destination);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
    }
}
