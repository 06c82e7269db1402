using System.Net.Security;
using DataPlane.Config;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Transport.Tls;

public sealed class ListenerTlsTests
{
    [Theory]
    [InlineData("", "fallback.pem")]
    [InlineData("a.example.com", "exact.pem")]
    [InlineData("A.EXAMPLE.com", "exact.pem")]
    [InlineData("b.example.com", "wildcard.pem")]
    [InlineData("x.b.example.com", "wildcard.pem")]
    [InlineData("x.deep.example.com", "deep.pem")]
    [InlineData("example.com", "fallback.pem")]
    [InlineData("aexample.com", "fallback.pem")]
    [InlineData(".example.com", "wildcard.pem")]
    [InlineData("example.com.", "fallback.pem")]
    [InlineData("[::1]", "fallback.pem")]
    public void Certificate_IsTheExactOne_ThenOfTheLongestWildcard_ThenTheStandardOne(string host, string expected)
    {
        using var files = new CertificateFolder();
        foreach (string name in (string[])["exact", "wildcard", "deep", "fallback"]) files.Issue(name);
        string Entry(string name, string pattern) =>
            $"{{ certificate: \"{files.PathOf(name)}.pem\", key: \"{files.PathOf(name)}.key\", "
            + $"hosts: [\"{pattern}\"] }}";
        string yaml = $$"""
            listeners:
              - name: a
                address: 127.0.0.1:80
                tls:
                  certificates:
                    - {{Entry("exact", "a.example.com")}}
                    - {{Entry("wildcard", "*.example.com")}}
                    - {{Entry("deep", "*.deep.example.com")}}
                    - {{Entry("fallback", "*")}}
            """;
        var config = ConfigLoader.Parse(yaml, "g.yaml", environment: ConfigEnvironment.Process).Config!;
        var tls = new ListenerTls(config.Listeners[0].Tls!, [SslApplicationProtocol.Http11], new TlsCounters());

        Assert.Equal(expected, Path.GetFileName(tls.Find(host).Chain.File));
        Assert.Equal("fallback.pem", Path.GetFileName(tls.Find(new string('a', 5000)).Chain.File));
    }
}
