using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using DataPlane.Tests.Architecture;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Grpc;

/// <summary>
/// One of the scripts beside this file: gRPC's own server or client, by Debian's python3-grpcio, line by line.
/// </summary>
internal sealed class GrpcPeer : IAsyncDisposable
{
    // Debian's modules belong to Debian's interpreter, whatever else is on the PATH.
    private const string Python = "/usr/bin/python3";

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private GrpcPeer(Process process)
    {
        _process = process;
        _ = ReadAsync(process.StandardOutput);
        _ = ReadAsync(process.StandardError);
    }

    public static async Task<GrpcPeer> ServeAsync(int port)
    {
        var server = Start("server.py", port.ToString(CultureInfo.InvariantCulture));
        await server.ExpectAsync("ready");
        return server;
    }

    public static GrpcPeer Call(int port, string name) =>
        Start("client.py", port.ToString(CultureInfo.InvariantCulture), name);

    /// <summary>Runs a case of the client to its end.</summary>
    public static async Task PassAsync(int port, string name)
    {
        await using var client = Call(port, name);
        await client.ExpectAsync("passed");
    }

    public Task TellAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Reads lines until this one; fails with all of them when the peer ends before.</summary>
    public async Task ExpectAsync(string line)
    {
        var seen = new List<string>();
        using var patience = new CancellationTokenSource(3 * Eventually.Patience);
        try
        {
            while (true)
            {
                seen.Add(await _lines.Reader.ReadAsync(patience.Token));
                if (seen[^1] == line) return;
            }
        }
        catch (Exception end) when (end is ChannelClosedException or OperationCanceledException)
        {
            Assert.Fail($"'{line}' did not come, but: {string.Join('\n', seen)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static GrpcPeer Start(string script, params string[] arguments)
    {
        string path = Path.Combine(Repository.Root, "tests/DataPlane.Tests/Functional/Grpc", script);
        var start = new ProcessStartInfo(Python, [path, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return new GrpcPeer(Process.Start(start)!);
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"{Python} is missing: apt-get install python3-grpcio.", missing);
        }
    }

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            if (line.Contains("No module named 'grpc'", StringComparison.Ordinal))
                line += ": apt-get install python3-grpcio (tests/run does it)";
            _lines.Writer.TryWrite(line);
        }
        if (ReferenceEquals(output, _process.StandardOutput)) _lines.Writer.TryComplete();
    }
}
