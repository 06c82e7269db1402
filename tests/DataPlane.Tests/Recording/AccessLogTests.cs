using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class AccessLogTests
{
    private readonly FakeLogOutput _output = new();

    [Fact]
    public void Disposed_HasWrittenEverythingAndClosedTheOutput()
    {
        var log = Create();
        log.Start();
        for (int number = 0; number < 100; number++) Append(log, number % 2, number);
        log.Dispose();
        Assert.Equal(100, _output.Text.Count(each => each == '\n'));
        Assert.True(_output.IsDisposed);
        Assert.Equal(100, Read(log, "dataplane_access_log_lines_total"));
    }

    [Fact]
    public void Appended_IsWrittenWithoutAnotherCall()
    {
        using var log = Create();
        log.Start();
        Append(log, 0, 42);
        Assert.True(SpinWait.SpinUntil(() => _output.Text.Contains("/42\"", StringComparison.Ordinal), 30_000));
    }

    [Fact]
    public void OutputBlocks_LinesAreDroppedAndCountedAndNobodyWaits()
    {
        _output.Open.Reset();
        var log = Create();
        log.Start();
        const int Lines = 20_000;
        for (int number = 0; number < Lines; number++) Append(log, 0, number);
        long dropped = Read(log, "dataplane_access_log_dropped_lines_total{reason=\"ring_full\"}");
        Assert.True(dropped > 0, "a ring of 256 KiB took them all");
        _output.Open.Set();
        log.Dispose();
        int written = _output.Text.Count(each => each == '\n');
        dropped = Read(log, "dataplane_access_log_dropped_lines_total{reason=\"ring_full\"}");
        Assert.Equal(Lines, written + dropped);
        Assert.Equal(written, Read(log, "dataplane_access_log_lines_total"));
    }

    [Fact]
    public void OutputFails_IsCountedAndTheNextLineGoesThrough()
    {
        _output.Fails = true;
        var log = Create();
        log.Start();
        Append(log, 0, 1);
        Assert.True(SpinWait.SpinUntil(() => Read(log, "dataplane_access_log_write_errors_total") > 0, 30_000));
        _output.Fails = false;
        Append(log, 0, 2);
        log.Dispose();
        // The text of the fake's error is a full disk's, its number is not.
        Assert.Equal(1, Read(log, "dataplane_access_log_dropped_lines_total{reason=\"write_error\"}"));
        Assert.Equal(0, Read(log, "dataplane_access_log_dropped_lines_total{reason=\"disk_full\"}"));
        Assert.Equal(1, Read(log, "dataplane_access_log_lines_total"));
        Assert.Contains("/2\"", _output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Reopen_ReachesTheOutputOnce()
    {
        var log = Create();
        log.Start();
        log.Reopen();
        log.Dispose();
        Assert.Equal(1, _output.Reopened);
    }

    [Fact]
    public async Task TwoLoopsAppendAtOnce_EveryLineOfEachIsWholeAndInOrder()
    {
        const int Lines = 50_000;
        var log = Create();
        log.Start();
        var loops = Enumerable.Range(0, 2).Select(shard => Task.Run(() =>
        {
            for (int number = 0; number < Lines; number++) Append(log, shard, number);
        }));
        await Task.WhenAll(loops);
        log.Dispose();
        int[] last = [-1, -1];
        int written = 0;
        foreach (string line in _output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var parsed = JsonDocument.Parse(line);
            int shard = (int)parsed.RootElement.GetProperty("bytesIn").GetInt64();
            string path = parsed.RootElement.GetProperty("path").GetString()!;
            int number = int.Parse(path.AsSpan(1), CultureInfo.InvariantCulture);
            Assert.True(number > last[shard], $"{number} after {last[shard]}");
            last[shard] = number;
            written++;
        }
        Assert.Equal(2 * Lines, written + Read(log, "dataplane_access_log_dropped_lines_total{reason=\"ring_full\"}"));
    }

    [Fact]
    public void Append_AllocatesNothing()
    {
        using var log = Create();
        Append(log, 0, 0);
        byte[] hostile = [(byte)'/', 0xff, (byte)'"'];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int each = 0; each < 500; each++)
        {
            var fields = new LogFields { StartTimestamp = each, Path = hostile };
            log.Append(0, fields);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Append(AccessLog log, int shard, int number)
    {
        Span<byte> path = stackalloc byte[16];
        path[0] = (byte)'/';
        number.TryFormat(path[1..], out int digits, default, CultureInfo.InvariantCulture);
        var fields = new LogFields
        {
            StartTimestamp = 0,
            Path = path[..(digits + 1)],
            BytesReceived = shard,
            Outcome = ExchangeOutcome.Completed,
        };
        log.Append(shard, fields);
    }

    private static long Read(AccessLog log, string series)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(log).Write(output, PrometheusFormat.Text);
        string line = Encoding.UTF8.GetString(output.WrittenSpan)
            .Split('\n').Single(each => each.StartsWith(series + " ", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture);
    }

    private AccessLog Create() => new(_output, new AccessLogConfig(), 2, new SetTime(DateTimeOffset.UnixEpoch));
}
