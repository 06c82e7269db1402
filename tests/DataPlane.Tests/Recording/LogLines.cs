using System.Text;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

/// <summary>Renders single lines for the tests of the formats.</summary>
internal static class LogLines
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 10, 11, 12, 345, TimeSpan.Zero);

    public static string Render(bool isJson, in LogFields fields)
    {
        var time = new SetTime(Start);
        ILogLineFormat format = isJson ? new JsonLogLine(time) : new CombinedLogLine();
        var space = new byte[RecordingLimits.LineBytes];
        int length = format.Write(fields, new LogClock(time), space);
        return Encoding.UTF8.GetString(space, 0, length);
    }

    /// <summary>Every field as long as a client or an operator could make it, and as costly to escape.</summary>
    public static LogFields Longest(byte[] filler) => new()
    {
        StartTimestamp = 0,
        RequestId = filler,
        ClientAddress = filler,
        Method = filler,
        Host = filler,
        Path = filler,
        Referer = filler,
        UserAgent = filler,
        Route = filler,
        Upstream = filler,
        Endpoint = filler,
        Tries = int.MaxValue,
        StatusCode = int.MaxValue,
        BytesReceived = long.MaxValue,
        BytesSent = long.MaxValue,
        TotalTicks = long.MaxValue,
        UpstreamTicks = long.MaxValue,
        ConnectTicks = long.MaxValue,
        FirstByteTicks = long.MaxValue,
        Outcome = filler,
        Side = filler,
        TraceId = filler,
    };
}
