using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Demo;

/// <summary>
/// The upstream of the demo: a separate small server on a unix socket, so that the demo's proxied route goes through a
/// real connection and takes no port.
/// </summary>
internal sealed class DemoUpstream : IAsyncDisposable
{
    /// <summary>The variable under which the demo configuration finds <see cref="SocketPath"/>.</summary>
    public const string PathVariable = "DATAPLANE_DEMO_UPSTREAM";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dataplane-demo-");
    private readonly WebApplication _server;

    public DemoUpstream()
    {
        SocketPath = Path.Combine(_folder.FullName, "greeter.sock");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(SocketPath));
        _server = builder.Build();
        _server.Run(GreetAsync);
    }

    public string SocketPath { get; }

    public Task StartAsync() => _server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task GreetAsync(HttpContext context)
    {
        string name = context.Request.Path.Value is { } path && path.StartsWith("/greetings/", StringComparison.Ordinal)
            ? path["/greetings/".Length..]
            : "nobody";
        context.Response.ContentType = "application/json";
        string greeting = JsonEncodedText.Encode($"Hello, {name}!").ToString();
        string requestId = context.Request.Headers["X-Request-Id"].ToString();
        await context.Response.WriteAsync(
            $"{{\"greeting\":\"{greeting}\",\"requestId\":\"{JsonEncodedText.Encode(requestId)}\"}}\n",
            context.RequestAborted);
    }
}
