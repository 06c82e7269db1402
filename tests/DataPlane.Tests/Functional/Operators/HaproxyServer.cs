using System.Net;
using System.Net.Sockets;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>The real HAProxy with one configuration, on free ports that the configuration is given.</summary>
internal sealed class HaproxyServer : IAsyncDisposable
{
    private readonly string _file;
    private readonly RealTool _tool;

    private HaproxyServer(string file, RealTool tool, int port)
    {
        _file = file;
        _tool = tool;
        Port = port;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    public string Said => _tool.Said;

    /// <summary><paramref name="sections"/> makes what follows the defaults, for a free port.</summary>
    public static async Task<HaproxyServer> StartAsync(Func<int, string> sections)
    {
        int port = RealTool.FreePort();
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            $"""
            global
              maxconn 100
            defaults
              mode http
              timeout connect 5s
              timeout client 20s
              timeout server 20s
            {sections(port)}

            """);
        var server = new HaproxyServer(file, RealTool.Start("haproxy", "haproxy", "-db", "-f", file), port);
        try
        {
            await Eventually.HoldsAsync(() => IsListening(port), "HAProxy listens");
        }
        catch (TimeoutException)
        {
            string said = server.Said;
            await server.DisposeAsync();
            Assert.Fail(said);
        }
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _tool.DisposeAsync();
        File.Delete(_file);
    }

    private static bool IsListening(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
