using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Integrations.Http;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// Hot type: <see cref="UpstreamRequestWriter"/>, and in it FieldCopier. One request head per operation.
/// </summary>
[MemoryDiagnoser]
public class UpstreamRequestWriterBenchmarks
{
    private readonly CountingWriter _output = new();
    private GatewayRig _rig = null!;
    private PreparedExchange _plain = null!;
    private PreparedExchange _ruled = null!;
    private PreparedExchange _oddSpaces = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        _plain = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        _ruled = new PreparedExchange(
            _rig, SampleMessages.Request("GET", "/v1/users/42"), SampleMessages.TypicalResponseHead);
        var odd = Encoding.ASCII.GetString(SampleMessages.TypicalRequest)
            .Replace(": ", ":\t", StringComparison.Ordinal);
        _oddSpaces = new PreparedExchange(_rig, SampleMessages.Bytes(odd), SampleMessages.TypicalResponseHead);
        Check(_plain, "Cookie: session=0123456789abcdef\r\nSec-Fetch-Mode: cors\r\n");
        Check(_plain, "X-Forwarded-For: 192.0.2.7\r\n");
        Check(_ruled, "Sec-Fetch-Mode: cors\r\n");
        Check(_ruled, "X-Tenant: blue\r\n");
        Check(_oddSpaces, "Cookie: session=0123456789abcdef\r\n");
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark]
    public int Typical() => Write(_plain);

    /// <summary>One field removed and one set on the way.</summary>
    [Benchmark]
    public int WithHeaderRules() => Write(_ruled);

    /// <summary>No line can be copied as it came.</summary>
    [Benchmark]
    public int EveryFieldReformatted() => Write(_oddSpaces);

    private int Write(PreparedExchange prepared)
    {
        _output.Discard();
        var endpoint = _rig.Snapshot.Upstreams[0].Endpoints[0];
        UpstreamRequestWriter.Write(_output, prepared.Exchange, endpoint, rewrite: null);
        return _output.Unflushed.Length;
    }

    private void Check(PreparedExchange prepared, string line)
    {
        Write(prepared);
        var head = Encoding.ASCII.GetString(_output.Unflushed);
        Expect.That(head.Contains(line, StringComparison.Ordinal), $"{line} is in {head}");
        Expect.That(head.EndsWith("\r\n\r\n", StringComparison.Ordinal), $"has an end: {head}");
    }
}
