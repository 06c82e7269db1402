using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;

namespace DataPlane.Benchmarks;

/// <summary>A line of the access log into the ring, and out of the way again. Budget: 0 bytes.</summary>
public class RecordingLogBenchmarks
{
    private readonly AccessLogShard _json = Shard(AccessLogFormat.Json);
    private readonly AccessLogShard _combined = Shard(AccessLogFormat.Combined);
    private readonly AccessLogShard _template = Shard(AccessLogFormat.Template);
    private readonly byte[] _hostilePath = [.. "/search/"u8, 0xff, .. "\"größe\""u8];
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private int _lines;

    [GlobalSetup]
    public void Check()
    {
        using var line = JsonDocument.Parse(AppendAndRead(_json));
        if (line.RootElement.GetProperty("status").GetInt32() != 200)
        {
            throw new InvalidOperationException("the line has another status");
        }
        if (!AppendAndRead(_combined).Contains("\"GET /users/42/orders HTTP/1.1\" 200 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("the line has another request");
        }
        if (!AppendAndRead(_template).Contains("/users/42/orders HTTP/1.1\" 200 301 0123", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("the template's line has another request");
        }
    }

    [Benchmark]
    public int Json() => Append(_json, "/users/42/orders"u8);

    [Benchmark]
    public int JsonEscaped() => Append(_json, _hostilePath);

    [Benchmark]
    public int Combined() => Append(_combined, "/users/42/orders"u8);

    /// <summary>API Gateway's sample of a line, variable by variable.</summary>
    [Benchmark]
    public int Template() => Append(_template, "/users/42/orders"u8);

    private static AccessLogShard Shard(AccessLogFormat kind)
    {
        const string Line = "$context.identity.sourceIp $context.identity.caller $context.identity.user "
            + "[$context.requestTime] \"$context.httpMethod $context.path $context.protocol\" $context.status "
            + "$context.responseLength $context.requestId $context.responseLatency";
        var config = new AccessLogConfig { Format = kind, Template = LogTemplate.TryParse(Line, out _) };
        var rules = new LogRules(config);
        var format = AccessLog.CreateFormat(config, rules, TimeProvider.System);
        return new AccessLogShard(format, rules, TimeProvider.System, seed: 1);
    }

    private string AppendAndRead(AccessLogShard shard)
    {
        shard.TryAppend(Fields("/users/42/orders"u8), out _);
        int length = shard.Ring.Peek(out var first, out _);
        string line = Encoding.UTF8.GetString(first);
        shard.Ring.Release(length);
        return line;
    }

    private int Append(AccessLogShard shard, ReadOnlySpan<byte> path)
    {
        var fields = Fields(path);
        shard.TryAppend(fields, out _);
        int length = shard.Ring.Peek(out _, out _);
        shard.Ring.Release(length);
        return length;
    }

    private LogFields Fields(ReadOnlySpan<byte> path) => new()
    {
        // 50 us between exchanges, 20,000 a second, and never ahead of the clock for long.
        StartTimestamp = _start + _lines++ % 10_000 * 50_000,
        RequestId = "0123456789abcdef0123456789abcdef"u8,
        ClientAddress = "192.0.2.7"u8,
        Method = "GET"u8,
        Host = "api.example.com"u8,
        Path = path,
        Protocol = "HTTP/1.1"u8,
        UserAgent = "curl/8.0"u8,
        RouteJson = ",\"route\":\"get-user\""u8,
        EndpointJson = ",\"upstream\":\"users\",\"endpoint\":\"http://127.0.0.1:9001\",\"tries\":"u8,
        Tries = 1,
        StatusCode = 200,
        BytesReceived = 428,
        BytesSent = 301,
        TotalTicks = 120_000,
        OwnTicks = 20_000,
        UpstreamTicks = 100_000,
        FirstByteTicks = 99_000,
        Outcome = ExchangeOutcome.Completed,
        TraceId = "4bf92f3577b34da6a3ce929d0e0e4736"u8,
    };
}
