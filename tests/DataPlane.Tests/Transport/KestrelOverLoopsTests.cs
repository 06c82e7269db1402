using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataPlane.Gateway.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlane.Tests.Transport;

/// <summary>Kestrel's own protocols do not know that the transport under them is another one.</summary>
[Collection(TransportCollection.Name)]
public sealed class KestrelOverLoopsTests
{
    [LinuxTheory]
    [InlineData("http", "1.1")]
    [InlineData("http", "2.0")]
    [InlineData("https", "1.1")]
    [InlineData("https", "2.0")]
    public async Task Echo_LargeBodiesBothWays(string scheme, string version)
    {
        using var certificate = CreateCertificate();
        using var choice = TransportChoice.Create(TransportKind.Epoll, 2, TimeProvider.System);
        choice.Loops.Start();
        await using var app = await StartAsync(choice, certificate, scheme, version);
        string address = app.Urls.Single();
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            },
        };
        using var client = new HttpClient(handler)
        {
            DefaultRequestVersion = new Version(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TransportRig.Patience,
        };
        byte[] body = TransportRig.Pattern(1024 * 1024);
        var exchanges = Enumerable.Range(0, 12).Select(
            async number =>
            {
                using var content = new ByteArrayContent(body);
                using var response = await client.PostAsync(new Uri($"{address}/echo?{number}"), content);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(new Version(version), response.Version);
                byte[] answer = await response.Content.ReadAsByteArrayAsync();
                Assert.True(body.AsSpan().SequenceEqual(answer));
            });
        await Task.WhenAll(exchanges);
        for (int number = 0; number < 20; number++)
            Assert.Equal("small", await client.GetStringAsync(new Uri($"{address}/small")));
        await app.StopAsync();
    }

    [LinuxFact]
    public async Task ClientGoesAway_KestrelAbortsTheRequest()
    {
        using var choice = TransportChoice.Create(TransportKind.Epoll, 1, TimeProvider.System);
        choice.Loops.Start();
        using var certificate = CreateCertificate();
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await StartAsync(choice, certificate, "http", "1.1", aborted);
        using var source = new CancellationTokenSource();
        using var client = new HttpClient();
        var request = client.GetAsync(new Uri($"{app.Urls.Single()}/hang"), source.Token);
        await s_hanging.WaitAsync(TransportRig.Patience);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await request);
        await aborted.Task.WaitAsync(TransportRig.Patience);
        await app.StopAsync();
    }

    private static readonly SemaphoreSlim s_hanging = new(0);

    private static async Task<WebApplication> StartAsync(
        TransportChoice choice, X509Certificate2 certificate, string scheme, string version,
        TaskCompletionSource? aborted = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(
            kestrel => kestrel.Listen(
                IPAddress.Loopback, 0,
                listen =>
                {
                    listen.Protocols = (scheme, version) is ("http", "2.0") ? HttpProtocols.Http2 :
                        scheme == "http" ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                    if (scheme == "https") listen.UseHttps(certificate);
                }));
        builder.Services.AddSingleton(choice.CreateListenerFactory(static _ => true)!);
        var app = builder.Build();
        app.Run(context => ServeAsync(context, aborted));
        await app.StartAsync();
        return app;
    }

    private static async Task ServeAsync(HttpContext context, TaskCompletionSource? aborted)
    {
        // The connection under Kestrel's pipeline is ours.
        Assert.Matches("^[01]-[0-9A-F]+$", context.Connection.Id);
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        switch (context.Request.Path)
        {
            case "/echo":
                context.Response.ContentLength = context.Request.ContentLength;
                // HttpClient reads no answer before its request has gone out, so an echo on the fly would stand still.
                using (var body = new MemoryStream())
                {
                    await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                    body.Position = 0;
                    await body.CopyToAsync(context.Response.Body, context.RequestAborted);
                }
                break;
            case "/hang":
                using (context.RequestAborted.Register(() => aborted!.SetResult()))
                {
                    s_hanging.Release();
                    await aborted!.Task;
                }
                break;
            default:
                await Task.Run(static () => { });
                await context.Response.WriteAsync("small");
                break;
        }
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
