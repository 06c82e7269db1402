using System.Net.Sockets;
using System.Text;
using DataPlane.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Tests.Admin;

/// <summary>The admin surface behind a real Kestrel on a port of the system's choice.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AdminServer(WebApplication app, AdminJournal journal)
    {
        Journal = journal;
        _app = app;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public AdminJournal Journal { get; }

    public static async Task<AdminServer> StartAsync(
        IAdminSource source, AdminOptions options, IConfigControl? control = null, ILoggerFactory? loggers = null)
    {
        // Each watch of a settings file is one of the few that the system has.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var journal = new AdminJournal(loggers ?? NullLoggerFactory.Instance, TimeProvider.System);
        var admin = new AdminEndpoints(source, options, journal, control);
        app.Run(admin.HandleAsync);
        await app.StartAsync();
        return new AdminServer(app, journal);
    }

    /// <summary>Sends the bytes as they are and reads until the listener closes.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Address.Host, Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
