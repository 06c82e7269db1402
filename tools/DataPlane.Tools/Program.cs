using System.Globalization;
using System.Runtime.InteropServices;
using DataPlane.Tools.Upstreams;
using DataPlane.Tools.WebSockets;

const string Usage = """
    usage: dataplane-tools upstream [--port N] [--unix PATH]
             A small HTTP/1.1 upstream on loopback (port 9001 unless told) that tells what it received.
             Special paths: /status/NNN /delay/MS /bytes/N /chunked/N /slow/N /close /drop /reset /early /continue
             /informational /garbage /cl-te /echo /hang
           dataplane-tools websocket-echo [--port N]
             An upstream that sends every WebSocket message back (port 9002 unless told).
           dataplane-tools websocket-load --port N [--path P] [--connections N] [--seconds N] [--bytes N]
             Sends messages to an echo, the next one when the last one is back; a line of JSON says how many.
    """;

var options = new Dictionary<string, string>(StringComparer.Ordinal);
for (var index = 1; index + 1 < args.Length; index += 2) options[args[index]] = args[index + 1];
if (args.Length == 0 || args.Length % 2 == 0)
    return Refuse();
switch (args[0])
{
    case "upstream" when Knows("--port", "--unix") && TryNumber("--port", 9001, out var port):
        // Nothing is recorded here: a load test would fill the memory with requests nobody reads.
        await using (var upstream = options.TryGetValue("--unix", out var path)
            ? FakeUpstream.StartUnix(path, records: false)
            : FakeUpstream.Start(port, records: false))
            return await ServeAsync(upstream.Url);
    case "websocket-echo" when Knows("--port") && TryNumber("--port", 9002, out var port):
        await using (var echo = WebSocketEcho.Start(port))
            return await ServeAsync(echo.Url);
    case "websocket-load" when Knows("--port", "--path", "--connections", "--seconds", "--bytes")
        && TryNumber("--port", 0, out var port) && TryNumber("--connections", 64, out var connections)
        && TryNumber("--seconds", 4, out var seconds) && TryNumber("--bytes", 32, out var bytes) && port > 0:
        var load = new WebSocketLoad(
            port, options.GetValueOrDefault("--path", "/"), connections, TimeSpan.FromSeconds(seconds), bytes);
        Console.WriteLine(await load.RunAsync());
        return 0;
    default:
        return Refuse();
}

bool Knows(params ReadOnlySpan<string> names)
{
    foreach (var name in options.Keys)
    {
        if (!names.Contains(name)) return false;
    }

    return true;
}

bool TryNumber(string name, int standard, out int number)
{
    number = standard;
    return !options.TryGetValue(name, out var text)
        || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number <= ushort.MaxValue);
}

static async Task<int> ServeAsync(string url)
{
    Console.WriteLine($"upstream listens on {url}");
    var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    await stop.Task;
    return 0;

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.TrySetResult();
    }
}

static int Refuse()
{
    Console.Error.WriteLine(Usage);
    return 2;
}
