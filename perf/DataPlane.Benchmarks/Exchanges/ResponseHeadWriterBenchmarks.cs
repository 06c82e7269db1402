using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Connections;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>Hot type: <see cref="ResponseHeadWriter"/>. One response head per operation.</summary>
[MemoryDiagnoser]
public class ResponseHeadWriterBenchmarks
{
    private readonly CountingWriter _output = new();
    private GatewayRig _rig = null!;
    private DateField _date = null!;
    private PreparedExchange _upstream = null!;
    private PreparedExchange _ruled = null!;
    private PreparedExchange _local = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        _date = new DateField(_rig.Loop);
        _upstream = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        _ruled = new PreparedExchange(
            _rig, SampleMessages.Request("GET", "/v1/users/42"), SampleMessages.TypicalResponseHead);
        _local = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        var draft = _local.Exchange.Response;
        draft.Upstream = null;
        draft.Fields = "Content-Type: application/json\r\n"u8.ToArray();
        Check(_upstream, "Server: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 20:00:00 GMT\r\n");
        Check(_ruled, "X-Frame-Options: DENY\r\n");
        Check(_local, "Content-Length: 128\r\n");
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark]
    public int FromUpstream() => Write(_upstream);

    /// <summary>One field removed and one set on the way.</summary>
    [Benchmark]
    public int WithHeaderRules() => Write(_ruled);

    [Benchmark]
    public int LocalReply() => Write(_local);

    private int Write(PreparedExchange prepared)
    {
        _output.Discard();
        return ResponseHeadWriter.Write(
            _output, prepared.Exchange, _date, writesLength: true, chunked: false, closes: false);
    }

    private void Check(PreparedExchange prepared, string line)
    {
        Write(prepared);
        var head = Encoding.ASCII.GetString(_output.Unflushed);
        Expect.That(head.StartsWith("HTTP/1.1 200 OK\r\n", StringComparison.Ordinal), $"has a status: {head}");
        Expect.That(head.Contains(line, StringComparison.Ordinal), $"{line} is in {head}");
    }
}
