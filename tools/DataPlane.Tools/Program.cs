using System.Globalization;
using System.Runtime.InteropServices;
using DataPlane.Tools.Upstreams;

const int DefaultPort = 9001;
const string Usage = """
    usage: dataplane-tools upstream [--port N] [--unix PATH]
      A small HTTP/1.1 upstream on loopback (port 9001 unless told) that tells what it received.
      Special paths: /status/NNN /delay/MS /bytes/N /chunked/N /slow/N /close /drop /reset /early /continue
      /informational /garbage /cl-te /echo /hang
    """;

var port = DefaultPort;
string? unixPath = null;
if (args is not ["upstream", ..])
    return Refuse();
for (var index = 1; index < args.Length; index += 2)
{
    var value = index + 1 < args.Length ? args[index + 1] : "";
    var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
    if (args[index] == "--port" && isNumber && number <= ushort.MaxValue)
        port = number;
    else if (args[index] == "--unix" && value.Length > 0)
        unixPath = value;
    else
        return Refuse();
}

// Nothing is recorded here: a load test would fill the memory with requests nobody reads.
await using var upstream = unixPath is null
    ? FakeUpstream.Start(port, records: false)
    : FakeUpstream.StartUnix(unixPath, records: false);
Console.WriteLine($"upstream listens on {upstream.Url}");
var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await stop.Task;
return 0;

static int Refuse()
{
    Console.Error.WriteLine(Usage);
    return 2;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.TrySetResult();
}
