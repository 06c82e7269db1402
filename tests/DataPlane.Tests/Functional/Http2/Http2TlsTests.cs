using System.Security.Cryptography.X509Certificates;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Tests.Functional.Harness;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>HTTP/2 to https endpoints, agreed on by ALPN.</summary>
public sealed class Http2TlsTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nHost: client.example\r\n\r\n";

    private readonly CertificateFolder _files = new();
    private readonly X509Certificate2 _certificate;

    public Http2TlsTests() => _certificate = _files.Issue("up", "up.internal");

    public void Dispose()
    {
        _certificate.Dispose();
        _files.Dispose();
    }

    [Theory]
    [SocketWire]
    public async Task Exchanges_ShareAConnectionWhateverTheirHost(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(
            context => context.Response.WriteAsync(
                $"{context.Request.Protocol} {context.Request.Scheme} {context.Request.Host.Host} "
                + $"{context.Request.Headers["X-Forwarded-Host"]}"),
            _certificate);
        await using var gateway = await StartAsync(wire, upstream.Url, "serverName: up.internal");
        for (int each = 0; each < 3; each++)
            Assert.Equal("HTTP/2 https client.example client.example", (await gateway.AskAsync(Get)).Text);
        // What clients ask for opens no connection of its own: there is one for each loop.
        Assert.Equal(200, (await gateway.AskAsync("GET / HTTP/1.1\r\nHost: other\r\n\r\n")).Status);
        Assert.InRange(upstream.Accepted, 1, 2);
        Assert.Equal(upstream.Accepted, CountersOf(gateway).Tls13);
    }

    [Theory]
    [SocketWire]
    public async Task LargeBodies_GoThroughBothWays(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(
            context => context.Request.Body.CopyToAsync(context.Response.Body), _certificate);
        await using var gateway = await StartAsync(wire, upstream.Url, "serverName: up.internal");
        byte[] body = new byte[3_000_000];
        new Random(2).NextBytes(body);
        for (int round = 0; round < 2; round++)
        {
            // An answer that begins before its request has ended is the last one of its connection.
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n");
            var sending = client.SendAsync(body);
            Assert.Equal(body, (await client.ReadResponseAsync()).Body);
            await sending;
        }
    }

    [Theory]
    [SocketWire]
    public async Task UpstreamWithoutHttp2_Is502(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(
            _ => Task.CompletedTask, _certificate, HttpProtocols.Http1);
        await using var gateway = await StartAsync(wire, upstream.Url, "serverName: up.internal");
        Assert.Equal(502, (await gateway.AskAsync(Get)).Status);
        await gateway.TakeLoggedAsync();
    }

    [Theory]
    [SocketWire]
    public async Task CertificateOfAnotherName_Is502(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(_ => Task.CompletedTask, _certificate);
        await using var gateway = await StartAsync(wire, upstream.Url, "serverName: other.internal");
        Assert.Equal(502, (await gateway.AskAsync(Get)).Status);
        Assert.Equal(1, CountersOf(gateway).FailedBy(TlsFault.Certificate));
        Assert.NotEmpty(await gateway.TakeLoggedAsync());
    }

    private static TlsCounters CountersOf(TestGateway gateway) => gateway.Snapshot.Upstreams[0].Tls!.Counters;

    private Task<TestGateway> StartAsync(Wire wire, string url, string tls) => TestGateway.StartAsync(
        wire,
        $$"""
        upstreams:
          up:
            protocol: http2
            endpoints: [ "{{url}}" ]
            tls: { authorities: "{{_files.PathOf("ca.pem")}}", {{tls}} }
        routes: [ { match: { path: / }, to: { upstream: up } } ]
        """);
}
