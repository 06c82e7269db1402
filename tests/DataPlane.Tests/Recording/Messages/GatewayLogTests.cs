using System.Buffers;
using System.Text;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Recording.Messages;
using Microsoft.Extensions.Logging;

namespace DataPlane.Tests.Recording.Messages;

public sealed partial class GatewayLogTests
{
    private readonly SetTime _time = new(LogLines.Start);
    private readonly MemoryStream _stream = new();

    [Fact]
    public void TextMessage_IsOneLine()
    {
        string[] lines = Written(new LogConfig(), logger => Refused(logger, "users\nFAKE", 503));
        Assert.Equal(["2026-11-21T10:11:12.345Z warning Test: Upstream users|FAKE answered 503."], lines);
    }

    [Fact]
    public void JsonMessage_HasItsValues()
    {
        string line = Assert.Single(Written(
            new LogConfig { Format = LogConsoleFormat.Json }, logger => Refused(logger, "a\"b\n", 503)));
        using var parsed = JsonDocument.Parse(line);
        var root = parsed.RootElement;
        Assert.Equal("warning", root.GetProperty("level").GetString());
        Assert.Equal("Test", root.GetProperty("category").GetString());
        Assert.Equal(7, root.GetProperty("event").GetInt32());
        Assert.Equal("a\"b\n", root.GetProperty("values").GetProperty("Upstream").GetString());
        Assert.Equal(503, root.GetProperty("values").GetProperty("Status").GetInt64());
        Assert.False(root.TryGetProperty("error", out _));
    }

    [Theory]
    [InlineData(LogConsoleFormat.Text)]
    [InlineData(LogConsoleFormat.Json)]
    public void Exception_IsInTheSameLine(LogConsoleFormat format)
    {
        var error = new InvalidOperationException("first\nsecond");
        string line = Assert.Single(Written(new LogConfig { Format = format }, logger => Failed(logger, error)));
        Assert.Contains("first", line, StringComparison.Ordinal);
        Assert.Contains("second", line, StringComparison.Ordinal);
    }

    [Fact]
    public void LevelBelow_IsNotWritten() =>
        Assert.Empty(Written(new LogConfig { Level = LogSeverity.Error }, logger => Refused(logger, "a", 503)));

    [Fact]
    public void RepeatedMessage_IsWrittenTenTimesAnIntervalAndCounted()
    {
        string[] lines = Written(new LogConfig(), logger =>
        {
            for (int each = 0; each < 1000; each++) Refused(logger, $"u{each}", 503);
            Failed(logger, new IOException("another"));
            _time.Advance(TimeSpan.FromSeconds(10));
            Refused(logger, "later", 503);
        });
        Assert.Equal(12, lines.Length);
        Assert.Contains("another", lines[10], StringComparison.Ordinal);
        Assert.EndsWith("Upstream later answered 503. (suppressed 990 times)", lines[11], StringComparison.Ordinal);
    }

    [Fact]
    public void MessageThatHasStopped_IsSummedUp()
    {
        var log = new GatewayLog(new LogConfig(), _time, _stream);
        var logger = log.CreateLogger("Test");
        for (int each = 0; each < 25; each++) Refused(logger, "a", 503);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.True(SpinWait.SpinUntil(() => Read(log, "dataplane_log_messages_total") == 11, 30_000));
        log.Dispose();
        Assert.EndsWith(
            "info Test: The last message of this kind came again. (suppressed 15 times)",
            Lines()[^1], StringComparison.Ordinal);
        Assert.Equal(15, Read(log, "dataplane_log_suppressed_messages_total"));
    }

    [Fact]
    public void AnotherLevelAndFormat_HoldFromThenOn()
    {
        using (var gateway = new GatewayLog(new LogConfig { Level = LogSeverity.Error }, _time, _stream))
        {
            var logger = gateway.CreateLogger("Test");
            Refused(logger, "a", 503);
            gateway.Follow(new LogConfig { Level = LogSeverity.Debug, Format = LogConsoleFormat.Json });
            Refused(logger, "b", 503);
        }
        string line = Assert.Single(Lines());
        Assert.StartsWith("{", line, StringComparison.Ordinal);
        Assert.Contains("Upstream b", line, StringComparison.Ordinal);
    }

    [Fact]
    public void StreamThatTakesNothing_NobodyWaits()
    {
        using var open = new ManualResetEventSlim();
        var log = new GatewayLog(new LogConfig(), _time, new BlockedStream(open));
        for (int each = 0; each < 3000; each++) Refused(log.CreateLogger($"Test{each}"), "a", 503);
        Assert.InRange(Read(log, "dataplane_log_suppressed_messages_total"), 1, 2000);
        open.Set();
        log.Dispose();
        Assert.Equal(
            3000, Read(log, "dataplane_log_suppressed_messages_total") + Read(log, "dataplane_log_messages_total"));
    }

    [LoggerMessage(7, LogLevel.Warning, "Upstream {Upstream} answered {Status}.")]
    private static partial void Refused(ILogger logger, string upstream, int status);

    [LoggerMessage(8, LogLevel.Error, "Something failed.")]
    private static partial void Failed(ILogger logger, Exception error);

    private string[] Written(LogConfig config, Action<ILogger> log)
    {
        using (var gateway = new GatewayLog(config, _time, _stream)) log(gateway.CreateLogger("Test"));
        return Lines();
    }

    private string[] Lines() =>
        Encoding.UTF8.GetString(_stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static long Read(GatewayLog log, string series)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(log).Write(output, PrometheusFormat.Text);
        string line = Encoding.UTF8.GetString(output.WrittenSpan)
            .Split('\n').Single(each => each.StartsWith(series + " ", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(series.Length + 1), System.Globalization.CultureInfo.InvariantCulture);
    }
}
