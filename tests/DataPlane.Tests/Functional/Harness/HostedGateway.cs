using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>The gateway as the process runs it, on loopback and the kernel's transports.</summary>
internal sealed class HostedGateway(Wire wire) : TestGateway
{
    private GatewayHost _host = null!;
    private EndPoint _address = null!;
    private DirectoryInfo? _queueFolder;

    /// <summary>Listens here instead of on a port, when set before the start.</summary>
    public string? UnixPath { get; init; }

    /// <summary>More keys of the listener, as in <c>key: value, key: value</c>.</summary>
    public string? ListenerKeys { get; init; }

    /// <summary>More keys of the admin listener, in the same form.</summary>
    public string? AdminKeys { get; init; }

    /// <summary>Where clients connect to.</summary>
    public int Port => ((IPEndPoint)_address).Port;

    public Uri Address => new(_host.BoundAddresses.First());

    public Uri AdminAddress => new(_host.BoundAddresses.Last());

    public override ClientConnections Connections => ConnectionsOf(_host);

    public override GatewaySnapshot Snapshot => ProcessorOf(Connections).Snapshot;

    protected override LoopSet Loops => TransportOf(_host).Loops;

    protected override (int Open, int Active) Counted => Connections.CountOf(_host.BoundListeners[0]);

    public override PeerListener Listen() => Own(SocketListener.OnLoopback());

    public override async Task StartAsync(string yaml)
    {
        var source = ConfigSource.OfText("test.yaml", Whole(yaml), overrides: null, ConfigEnvironment.Process);
        var first = source.Load();
        Assert.True(first.Result.Config is not null, string.Join('\n', first.Result.Errors));
        _host = new GatewayHost(first.Result.Config, first.EffectiveJson.Value, TimeProvider.System, new RunOptions
        {
            Source = source,
            First = first,
        });
        ServerOf(_host).Services.GetRequiredService<ILoggerFactory>().AddProvider(Log);
        await _host.StartAsync();
        _address = UnixPath is null
            ? new IPEndPoint(IPAddress.Loopback, new Uri(_host.BoundAddresses.First()).Port)
            : new UnixDomainSocketEndPoint(UnixPath);
    }

    public override async Task<Generation> ReloadAsync(string yaml)
    {
        var report = await _host.Reloader!.PutAsync(Encoding.UTF8.GetBytes(Whole(yaml)), _ => true);
        Assert.True(report.Status == ReloadStatus.Applied, string.Join('\n', report.Errors));
        return report.Generation!;
    }

    public override Task DrainAsync()
    {
        MarkStopped();
        return _host.StopAsync();
    }

    protected override async Task<RawPeer> OpenAsync()
    {
        bool isUnix = _address is UnixDomainSocketEndPoint;
        var socket = new Socket(
            _address.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        if (!isUnix) socket.NoDelay = true;
        await socket.ConnectAsync(_address);
        return new SocketPeer(socket);
    }

    protected override async Task StopAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
        _queueFolder?.Delete(recursive: true);
    }

    private string Place => UnixPath is null ? "127.0.0.1:0" : $"unix:{UnixPath}";

    private static string More(string? keys) => keys is null ? "" : $", {keys}";

    private string Whole(string yaml) =>
        $$"""
        listeners: [ { name: public, address: "{{Place}}"{{More(ListenerKeys)}} } ]
        admin: { address: "127.0.0.1:0"{{More(AdminKeys)}} }
        {{(yaml.Contains("accessLog:", StringComparison.Ordinal) ? "" : "accessLog: { to: off }")}}
        transport: { kind: {{(wire == Wire.Epoll ? "epoll" : "sockets")}}, loops: 2 }
        {{QueueOf(yaml)}}
        {{yaml}}
        """;

    // Beside the configuration's file, where it is by default, all gateways of the tests would have the same one.
    private string QueueOf(string yaml)
    {
        bool needsOne = yaml.Contains("functions:", StringComparison.Ordinal)
            && !yaml.Contains("\nqueue:", StringComparison.Ordinal);
        if (!needsOne) return "";
        _queueFolder ??= Directory.CreateTempSubdirectory("dataplane-queue-");
        return $$"""queue: { path: "{{_queueFolder.FullName}}/queue.db" }""";
    }

    // The host keeps its parts to itself, rightly; what they still hold is what these tests are about.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_transport")]
    private static extern ref TransportChoice TransportOf(GatewayHost host);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_connections")]
    private static extern ref ClientConnections ConnectionsOf(GatewayHost host);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_server")]
    private static extern ref WebApplication ServerOf(GatewayHost host);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_processor")]
    private static extern ref ExchangeProcessor ProcessorOf(ClientConnections connections);
}
