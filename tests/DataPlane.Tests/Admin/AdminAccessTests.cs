using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataPlane.Admin;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Tests.Admin;

public sealed class AdminAccessTests
{
    private readonly FakeAdminSource _source = new();

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("LocalHost:8081", 200)]
    [InlineData("127.0.0.1:1", 200)]
    [InlineData("[::1]:8081", 200)]
    [InlineData("admin.internal:8081", 200)]
    [InlineData("evil.example", 403)]
    [InlineData("localhost.evil.example", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("127.0.0.2", 200)]
    [InlineData("[2001:db8::1]:8081", 200)]
    [InlineData("", 403)]
    public async Task HostWithoutToken_MustBeThisMachines(string host, int status)
    {
        await using var server = await AdminServer.StartAsync(_source, new AdminOptions { Hosts = ["Admin.internal"] });
        await AssertStatusAsync(server, "GET /config", $"Host: {host}\r\n", status);
        await AssertStatusAsync(server, "GET /healthz", $"Host: {host}\r\n", 200);
        await AssertStatusAsync(server, "GET /metrics", $"Host: {host}\r\n", 200);
    }

    [Theory]
    [InlineData("", 202)]
    [InlineData("Origin: http://localhost:8081\r\n", 202)]
    [InlineData("Origin: http://localhost:9999\r\n", 403)]
    [InlineData("Origin: https://evil.example\r\n", 403)]
    [InlineData("Origin: null\r\n", 403)]
    public async Task OtherSitesPage_CannotDrain(string field, int status)
    {
        await using var server = await AdminServer.StartAsync(_source, new AdminOptions());
        await AssertStatusAsync(server, "POST /drain", "Host: localhost:8081\r\nContent-Length: 0\r\n" + field, status);
        Assert.Equal(status == 202 ? 1 : 0, _source.Drains);
    }

    [Theory]
    [InlineData("Authorization: Bearer s3cret\r\n", 200)]
    [InlineData("Authorization: bearer  s3cret\r\n", 200)]
    [InlineData("Authorization: Bearer s3cre\r\n", 401)]
    [InlineData("Authorization: Bearer s3cretx\r\n", 401)]
    [InlineData("Authorization: Bearer S3CRET\r\n", 401)]
    [InlineData("Authorization: Bearer\r\n", 401)]
    [InlineData("Authorization: Basic s3cret\r\n", 401)]
    [InlineData("Authorization: Bearer s3cret\r\nAuthorization: Bearer other\r\n", 401)]
    [InlineData("", 401)]
    public async Task Token_IsNeededWholeWhateverTheHost(string field, int status)
    {
        await using var server = await AdminServer.StartAsync(_source, new AdminOptions { Token = "s3cret" });
        await AssertStatusAsync(server, "GET /config", "Host: gateway.example\r\n" + field, status);
    }

    [Fact]
    public async Task TokenMissing_IsAskedForAndUnknownPathsLookTheSame()
    {
        await using var server = await AdminServer.StartAsync(_source, new AdminOptions { Token = "s3cret" });
        string response = await server.SendRawAsync("GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401 ", response, StringComparison.Ordinal);
        Assert.Contains("\r\nWWW-Authenticate: Bearer realm=", response, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Probes_NeedNoToken(string path)
    {
        await using var server = await AdminServer.StartAsync(_source, new AdminOptions { Token = "s3cret" });
        await AssertStatusAsync(server, "GET " + path, "Host: 10.0.0.7:8081\r\n", 200);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData(null, true)]
    [InlineData("10.0.0.9", false)]
    [InlineData("2001:db8::1", false)]
    public void PeerWithoutToken_MustBeThisMachine(string? peer, bool isAllowed)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = peer is null ? null : IPAddress.Parse(peer);
        context.Request.Host = new HostString("localhost:8081");
        Assert.Equal(isAllowed, Access(new AdminOptions()).Check(context) is null);
    }

    [Fact]
    public void PeerWithACertificateTheHandshakeTook_NeedsNoToken()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=operator", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.9");
        context.Connection.ClientCertificate = certificate;
        context.Request.Host = new HostString("10.0.0.1:8081");
        Assert.Null(Access(new AdminOptions()).Check(context));
        Assert.NotNull(Access(new AdminOptions { Token = "t0ken" }).Check(context));
    }

    private static AdminAccess Access(AdminOptions options) =>
        new(options, new AdminJournal(NullLoggerFactory.Instance, TimeProvider.System));

    private static async Task AssertStatusAsync(AdminServer server, string line, string fields, int status)
    {
        string response = await server.SendRawAsync($"{line} HTTP/1.1\r\n{fields}Connection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", response, StringComparison.Ordinal);
    }
}
