using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Hosting;

/// <summary>One process takes over from another while clients connect all the time.</summary>
public sealed class UpgradeTests : IDisposable
{
    private const int Clients = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("upgrade-").FullName;
    private readonly int _port = GatewayProcess.FreePort();
    private readonly int _adminPort = GatewayProcess.FreePort();
    private readonly List<int> _successors = [];

    private string File => Path.Combine(_folder, "gateway.yaml");

    public void Dispose()
    {
        foreach (int id in _successors) GatewayProcess.Kill(id);
        Directory.Delete(_folder, recursive: true);
    }

    [LinuxTheory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task TwoUpgradesUnderLoad_LoseNoConnection(string transport)
    {
        Write("first", transport, loops: 2);
        await using var gateway = await ServeAsync();
        using var stop = new CancellationTokenSource();
        var answers = new int[3];
        var load = Enumerable.Range(0, Clients).Select(_ => LoadAsync(answers, stop.Token)).ToArray();
        try
        {
            await Eventually.HoldsAsync(() => answers[0] > 100, "the first process serves");
            // Fewer loops than sockets, then more.
            Write("second", transport, loops: 1);
            int second = await UpgradeAsync(gateway, () => gateway.SignalAsync("USR2"));
            await Eventually.HoldsAsync(() => Volatile.Read(ref answers[1]) > 100, "the second process serves");
            Assert.Equal(0, await gateway.ExitAsync());
            Write("third", transport, loops: 3);
            await UpgradeAsync(gateway, () => GatewayProcess.SignalAsync(second, "USR2"));
            await Eventually.HoldsAsync(() => Volatile.Read(ref answers[2]) > 100, "the third process serves");
            await Eventually.HoldsAsync(() => !GatewayProcess.IsAlive(second), "the second process has ended");
            await Eventually.HoldsAsync(
                async () => (await AskAsync(_adminPort, "/readyz")).Contains(" 200 ", StringComparison.Ordinal),
                "the third one's admin listener answers");
        }
        finally
        {
            await stop.CancelAsync();
        }
        Assert.Empty((await Task.WhenAll(load)).SelectMany(each => each));
    }

    [LinuxFact]
    public async Task SuccessorThatCannotStart_LeavesEverythingAsItWas()
    {
        Write("first", "epoll", loops: 2);
        await using var gateway = await ServeAsync("--no-watch");
        await System.IO.File.WriteAllTextAsync(File, "routse: []");
        await gateway.SignalAsync("USR2");
        await gateway.SaysAsync("The upgrade failed, and this process goes on: it ended before it served.");
        Assert.EndsWith("first", await AskAsync(_port, "/a"), StringComparison.Ordinal);
        Write("second", "epoll", loops: 2);
        await UpgradeAsync(gateway, () => gateway.SignalAsync("USR2"));
        await Eventually.HoldsAsync(
            async () => (await AskAsync(_port, "/a")).EndsWith("second", StringComparison.Ordinal), "the second try");
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [LinuxFact]
    public async Task UnixSockets_AreHandedOverWithTheirFile()
    {
        string path = Path.Combine(_folder, "gateway.sock");
        Write("first", "epoll", loops: 2, address: $"unix:{path}");
        await using var gateway = await ServeAsync();
        Write("second", "epoll", loops: 2, address: $"unix:{path}");
        await UpgradeAsync(gateway, () => gateway.SignalAsync("USR2"));
        Assert.Equal(0, await gateway.ExitAsync());
        Assert.EndsWith("second", await AskAsync(new UnixDomainSocketEndPoint(path), "/a"), StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task SocketOfTheServiceManager_IsServed_AndItIsTold()
    {
        Write("first", "epoll", loops: 2);
        string notices = Path.Combine(_folder, "notify.sock");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(notices));
        // As systemd does it: the socket is open before the process, and its number is 3.
        string script = Path.Combine(_folder, "activate.py");
        await System.IO.File.WriteAllTextAsync(
            script,
            $"""
            import os, socket, sys
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('127.0.0.1', {_port})); s.listen(64)
            os.dup2(s.fileno(), 3, inheritable=True)
            os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()), NOTIFY_SOCKET='{notices}')
            os.execvp(sys.argv[1], sys.argv[1:])
            """);
        await using var gateway = GatewayProcess.Start($"run --config '{File}'", launcher: $"python3 '{script}'");
        await gateway.SaysAsync("dataplane: admin on");
        byte[] notice = new byte[256];
        int length = await manager.ReceiveAsync(notice).WaitAsync(Eventually.Patience);
        Assert.StartsWith("READY=1\nMAINPID=", Encoding.UTF8.GetString(notice, 0, length), StringComparison.Ordinal);
        for (int each = 0; each < 8; each++)
            Assert.EndsWith("first", await AskAsync(_port, "/a"), StringComparison.Ordinal);
        await gateway.SignalAsync("INT");
        length = await manager.ReceiveAsync(notice).WaitAsync(Eventually.Patience);
        Assert.Equal("STOPPING=1", Encoding.UTF8.GetString(notice, 0, length));
        Assert.Equal(0, await gateway.ExitAsync());
    }

    /// <summary>Connects, asks and reads to the end, one connection after the other; what went wrong.</summary>
    private async Task<List<string>> LoadAsync(int[] answers, CancellationToken stop)
    {
        var failures = new List<string>();
        string[] bodies = ["first", "second", "third"];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                string answer = await AskAsync(_port, "/a");
                int generation = Array.FindIndex(bodies, each => answer.EndsWith(each, StringComparison.Ordinal));
                if (generation >= 0) Interlocked.Increment(ref answers[generation]);
                else failures.Add($"an answer without its end: '{answer}'");
            }
            catch (SocketException failure)
            {
                failures.Add(failure.SocketErrorCode.ToString());
            }
        }
        return failures;
    }

    private static Task<string> AskAsync(int port, string path) =>
        AskAsync(new IPEndPoint(IPAddress.Loopback, port), path);

    private static async Task<string> AskAsync(EndPoint address, string path)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address).WaitAsync(Eventually.Patience);
        string request = $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        byte[] piece = new byte[1024];
        while (await socket.ReceiveAsync(piece).WaitAsync(Eventually.Patience) is > 0 and var received)
            answer.Append(Encoding.ASCII.GetString(piece, 0, received));
        return answer.ToString();
    }

    /// <summary>The id of the process that has taken over.</summary>
    private async Task<int> UpgradeAsync(GatewayProcess gateway, Func<Task> signal)
    {
        int before = Takeovers(gateway).Count;
        await signal();
        // A process starts, and compiles, beside everything else that runs: it may take three times as long.
        for (int wait = 0; wait < 3 && Takeovers(gateway).Count == before; wait++)
        {
            try
            {
                await Eventually.HoldsAsync(() => Takeovers(gateway).Count > before, "a successor");
            }
            catch (TimeoutException)
            {
                // Once more.
            }
        }
        Assert.True(Takeovers(gateway).Count > before, $"no upgrade in: {gateway.Said}");
        int id = int.Parse(Takeovers(gateway)[^1].Groups["id"].Value, CultureInfo.InvariantCulture);
        _successors.Add(id);
        return id;
    }

    private static List<Match> Takeovers(GatewayProcess gateway) => Regex.Matches(
        gateway.Said, "Process (?<id>[0-9]+) has taken over", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
        .ToList();

    private async Task<GatewayProcess> ServeAsync(string options = "")
    {
        var gateway = GatewayProcess.Start($"run --config '{File}' {options}");
        await gateway.SaysAsync("dataplane: admin on");
        return gateway;
    }

    private void Write(string body, string transport, int loops, string? address = null) => System.IO.File.WriteAllText(
        File,
        $$"""
        listeners: [ { name: public, address: "{{address ?? $"127.0.0.1:{_port}"}}" } ]
        admin: { address: "127.0.0.1:{{_adminPort}}" }
        accessLog: { to: off }
        transport: { kind: {{transport}}, loops: {{loops}} }
        limits: { drainTimeout: 5s }
        routes: [ { match: { path: /a }, to: { mock: { body: {{body}} } } } ]
        """);
}
