using System.Text;
using System.Text.Json;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class JsonLogLineTests
{
    [Fact]
    public void ProxiedExchange_HasEveryField()
    {
        string line = LogLines.Render(isJson: true, new LogFields
        {
            StartTimestamp = 0,
            RequestId = "0123456789abcdef"u8,
            ClientAddress = "192.0.2.7"u8,
            Method = "GET"u8,
            Host = "api.example.com"u8,
            Path = "/users/7"u8,
            RouteJson = ",\"route\":\"get-user\""u8,
            EndpointJson = ",\"upstream\":\"users\",\"endpoint\":\"http://127.0.0.1:9001\",\"tries\":"u8,
            Tries = 2,
            StatusCode = 200,
            BytesReceived = 128,
            BytesSent = 4096,
            TotalTicks = 1_234_567,
            OwnTicks = 234_566,
            UpstreamTicks = 1_000_001,
            ConnectTicks = 42,
            FirstByteTicks = 999,
            Outcome = ExchangeOutcome.Completed,
            TraceId = "4bf92f3577b34da6a3ce929d0e0e4736"u8,
        });
        Assert.Equal(
            """
            {"time":"2026-11-21T10:11:12.345Z","requestId":"0123456789abcdef","client":"192.0.2.7","method":"GET",
            "host":"api.example.com","path":"/users/7","route":"get-user","status":200,"bytesIn":128,"bytesOut":4096,
            "totalSeconds":1.234567,"ownSeconds":0.234566,"upstream":"users","endpoint":"http://127.0.0.1:9001",
            "tries":2,"upstreamSeconds":1.000001,"connectSeconds":0.000042,"firstByteSeconds":0.000999,
            "outcome":"completed","traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}
            """.ReplaceLineEndings("") + "\n",
            line);
    }

    [Fact]
    public void RefusedHead_LeavesOutWhatIsNotKnown()
    {
        string line = LogLines.Render(isJson: true, new LogFields
        {
            StartTimestamp = 0,
            ClientAddress = "2001:db8::1"u8,
            StatusCode = 400,
            BytesSent = 99,
            TotalTicks = 12,
            Outcome = ExchangeOutcome.BadRequest,
        });
        Assert.Equal(
            "{\"time\":\"2026-11-21T10:11:12.345Z\",\"client\":\"2001:db8::1\",\"status\":400,\"bytesIn\":0,"
            + "\"bytesOut\":99,\"totalSeconds\":0.000012,\"outcome\":\"bad_request\",\"side\":\"client\"}\n",
            line);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'/', (byte)'"', (byte)'\\' }, "/\\\"\\\\")]
    [InlineData(new byte[] { (byte)'/', 0x00, 0x0a, 0x0d, 0x1b, 0x7f }, "/\\u0000\\u000a\\u000d\\u001b\\u007f")]
    [InlineData(new byte[] { (byte)'/', 0xc3, 0xb6 }, "/ö")]
    [InlineData(new byte[] { (byte)'/', 0xc2, 0x9b }, "/\\u009b")]
    [InlineData(new byte[] { (byte)'/', 0xff, 0xc3, (byte)'a' }, "/\\ufffd\\ufffda")]
    [InlineData(new byte[] { (byte)'/', 0xed, 0xa0, 0x80 }, "/\\ufffd\\ufffd\\ufffd")]
    [InlineData(new byte[] { 0xf0, 0x9f, 0x99, 0x82 }, "🙂")]
    public void HostileBytes_AreEscaped(byte[] path, string expected) =>
        Assert.Contains($"\"path\":\"{expected}\",", Render(path), StringComparison.Ordinal);

    [Fact]
    public void EveryByteValue_LineStaysOneJsonObject()
    {
        for (int value = 0; value < 256; value++)
        {
            string line = Render([(byte)'a', (byte)value, (byte)'b']);
            Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
            using var parsed = JsonDocument.Parse(line);
            string path = parsed.RootElement.GetProperty("path").GetString()!;
            Assert.Equal(value < 0x80 ? $"a{(char)value}b" : "a\uFFFDb", path);
        }
    }

    [Theory]
    [InlineData(0x61)]
    [InlineData(0xff)]
    [InlineData(0x22)]
    [InlineData(0x00)]
    public void EverythingTooLong_IsCutAndFitsALine(byte filler)
    {
        var bytes = new byte[64 * 1024];
        bytes.AsSpan().Fill(filler);
        string line = LogLines.Render(isJson: true, LogLines.Longest(bytes));
        using var parsed = JsonDocument.Parse(line);
        Assert.NotEmpty(parsed.RootElement.GetProperty("path").GetString()!);
        Assert.Equal(long.MaxValue, parsed.RootElement.GetProperty("bytesOut").GetInt64());
        Assert.True(line.Length <= RecordingLimits.LineBytes);
    }

    [Fact]
    public void CutInTheMiddleOfACharacter_DropsTheWholeCharacter()
    {
        var path = Encoding.UTF8.GetBytes("a" + string.Concat(Enumerable.Repeat("🙂", 2000)));
        using var parsed = JsonDocument.Parse(Render(path));
        string written = parsed.RootElement.GetProperty("path").GetString()!;
        Assert.DoesNotContain('\uFFFD', written);
        Assert.Equal(1 + ((RecordingLimits.PathBytes - 1) / 4 * 2), written.Length);
    }

    private static string Render(byte[] path) =>
        LogLines.Render(isJson: true, new LogFields { StartTimestamp = 0, Path = path });
}
