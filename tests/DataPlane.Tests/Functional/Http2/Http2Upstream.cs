using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>An upstream that speaks HTTP/2 only: Kestrel's own server, with a handler of the test.</summary>
internal sealed class Http2Upstream : IAsyncDisposable
{
    private readonly WebApplication _server;
    private int _connections;

    private Http2Upstream(WebApplication server) => _server = server;

    public string Url { get; private set; } = "";

    public int Port => new Uri(Url).Port;

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _connections);

    public static async Task<Http2Upstream> StartAsync(
        RequestDelegate handler, X509Certificate2? certificate = null, HttpProtocols protocols = HttpProtocols.Http2)
    {
        // Each watch of a settings file is one of the few that the system has.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        Http2Upstream? upstream = null;
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            server.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            server.Limits.MaxRequestBodySize = null;
            server.Limits.MinRequestBodyDataRate = null;
            server.Limits.MinResponseDataRate = null;
            server.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null) listen.UseHttps(certificate);
                listen.Protocols = protocols;
                listen.Use(next => connection =>
                {
                    Interlocked.Increment(ref upstream!._connections);
                    return next(connection);
                });
            });
        });
        var app = builder.Build();
        app.Run(handler);
        upstream = new Http2Upstream(app);
        await app.StartAsync();
        upstream.Url = app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.First();
        return upstream;
    }

    /// <summary>Ends with GOAWAY; requests under way may finish.</summary>
    public Task StopAsync() => _server.StopAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
