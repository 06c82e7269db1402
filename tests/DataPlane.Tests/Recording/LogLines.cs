using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

/// <summary>Renders single lines for the tests of the formats.</summary>
internal static class LogLines
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 10, 11, 12, 345, TimeSpan.Zero);

    /// <summary>As long as a request id of the client's may be.</summary>
    private static readonly byte[] s_plain = Encoding.ASCII.GetBytes(new string('i', 128));

    public static string Render(bool isJson, in LogFields fields)
    {
        var time = new SetTime(Start);
        ILogLineFormat format = isJson ? new JsonLogLine(time) : new CombinedLogLine(withFields: true);
        var space = new byte[RecordingLimits.LineBytes];
        int length = format.Write(fields, new LogClock(time), space);
        return Encoding.UTF8.GetString(space, 0, length);
    }

    /// <summary>Every field as long as a client or an operator could make it, and as costly to escape.</summary>
    public static LogFields Longest(byte[] filler) => new()
    {
        StartTimestamp = 0,
        RequestId = s_plain,
        ClientAddress = s_plain,
        Method = filler,
        Host = filler,
        Path = filler,
        Query = filler,
        Referer = filler,
        UserAgent = filler,
        RouteJson = Encoding.UTF8.GetBytes($",\"route\":\"{new string('r', RecordingLimits.NameBytes)}\""),
        EndpointJson = Encoding.UTF8.GetBytes(
            $",\"upstream\":\"{new string('u', RecordingLimits.NameBytes)}\","
            + $"\"endpoint\":\"{new string('e', RecordingLimits.EndpointBytes)}\",\"tries\":"),
        Tries = int.MaxValue,
        StatusCode = int.MaxValue,
        BytesReceived = long.MaxValue,
        BytesSent = long.MaxValue,
        TotalTicks = long.MaxValue,
        OwnTicks = long.MaxValue,
        UpstreamTicks = long.MaxValue,
        ConnectTicks = long.MaxValue,
        FirstByteTicks = long.MaxValue,
        Outcome = ExchangeOutcome.UpstreamResponseTimeout,
        TraceId = s_plain,
    };
}
