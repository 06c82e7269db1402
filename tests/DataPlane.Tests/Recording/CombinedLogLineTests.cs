using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class CombinedLogLineTests
{
    [Fact]
    public void Exchange_IsWrittenAsApacheDoes() =>
        Assert.Equal(
            "192.0.2.7 - - [21/Nov/2026:10:11:12 +0000] \"GET /users/7 HTTP/1.1\" 200 4096 "
            + "\"https://example.com/\" \"curl/8.0\"\n",
            LogLines.Render(isJson: false, new LogFields
            {
                StartTimestamp = 0,
                ClientAddress = "192.0.2.7"u8,
                Method = "GET"u8,
                Path = "/users/7"u8,
                Protocol = "HTTP/1.1"u8,
                Referer = "https://example.com/"u8,
                UserAgent = "curl/8.0"u8,
                StatusCode = 200,
                BytesSent = 4096,
            }));

    [Fact]
    public void CommonFormat_EndsWithTheBytes()
    {
        var time = new SetTime(LogLines.Start);
        byte[] space = new byte[RecordingLimits.LineBytes];
        int length = new CombinedLogLine(withFields: false).Write(
            new LogFields
            {
                StartTimestamp = 0,
                ClientAddress = "192.0.2.7"u8,
                Method = "GET"u8,
                Path = "/users"u8,
                Query = "page=2&token=***"u8,
                Protocol = "HTTP/1.0"u8,
                UserAgent = "curl/8.0"u8,
                StatusCode = 200,
                BytesSent = 4096,
            },
            new LogClock(time),
            space);
        Assert.Equal(
            "192.0.2.7 - - [21/Nov/2026:10:11:12 +0000] \"GET /users?page=2&token=*** HTTP/1.0\" 200 4096\n",
            System.Text.Encoding.ASCII.GetString(space, 0, length));
    }

    [Fact]
    public void NothingKnown_IsDashes() =>
        Assert.Equal(
            "- - - [21/Nov/2026:10:11:12 +0000] \"-\" 400 0 \"-\" \"-\"\n",
            LogLines.Render(isJson: false, new LogFields { StartTimestamp = 0, StatusCode = 400 }));

    [Fact]
    public void HostileBytes_CannotEndTheFieldOrTheLine()
    {
        byte[] agent = [(byte)'a', (byte)'"', (byte)'\\', (byte)'\n', 0x1b, 0xff, (byte)' '];
        string line = LogLines.Render(isJson: false, new LogFields { StartTimestamp = 0, UserAgent = agent });
        Assert.EndsWith("\"a\\x22\\x5C\\x0A\\x1B\\xFF \"\n", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x61)]
    [InlineData(0xff)]
    public void EverythingTooLong_IsCutAndFitsALine(byte filler)
    {
        var bytes = new byte[64 * 1024];
        bytes.AsSpan().Fill(filler);
        string line = LogLines.Render(isJson: false, LogLines.Longest(bytes));
        Assert.Equal(6, line.Count(each => each == '"'));
        Assert.InRange(line.Length, RecordingLimits.PathBytes, RecordingLimits.LineBytes);
    }
}
