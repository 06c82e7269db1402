using System.Net;
using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Http.ProxyProtocol;

namespace DataPlane.Benchmarks.Http;

/// <summary>Once per connection behind a balancer.</summary>
[MemoryDiagnoser]
public class ProxyHeaderParserBenchmarks
{
    private readonly byte[] _first = Encoding.ASCII.GetBytes("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\nGET /");
    private readonly byte[] _second = ProxyHeaderWriter.Version2(
        new IPEndPoint(0x0700a8c0, 1234), new IPEndPoint(0x0100a8c0, 443), "unique"u8, "a.test"u8);
    private readonly byte[] _refused = Encoding.ASCII.GetBytes("PROXY TCP4 192.0.2.7 192.0.2.1 0443 443\r\n");
    private readonly ProxyHeader _header = new();

    [GlobalSetup]
    public void SetUp()
    {
        Expect.Same(ProxyHeaderStatus.Complete, Version2());
        Expect.Same(ProxyHeaderStatus.Invalid, Refused());
        Expect.Same(ProxyHeaderStatus.Complete, Version1());
        Expect.Same(42, _header.Length);
    }

    [Benchmark]
    public ProxyHeaderStatus Version1() => ProxyHeaderParser.Parse(_first, _header);

    [Benchmark]
    public ProxyHeaderStatus Version2() => ProxyHeaderParser.Parse(_second, _header);

    [Benchmark]
    public ProxyHeaderStatus Refused() => ProxyHeaderParser.Parse(_refused, _header);
}
