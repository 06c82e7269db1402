using BenchmarkDotNet.Attributes;
using DataPlane.Http.Headers;
using DataPlane.Http.Http2;

namespace DataPlane.Benchmarks.Http;

/// <summary>
/// Hot types: <see cref="HpackDecoder"/> and <see cref="HpackWriter"/>, on what a gRPC call consists of.
/// </summary>
[MemoryDiagnoser]
public class HpackBenchmarks
{
    // :status 200, and four fields from the table.
    private readonly byte[] _indexed = [0x88, 0xbe, 0xbf, 0xc0, 0xc1];

    // The strings of RFC 7541, C.6.1, in Huffman's code, as literals that nobody remembers.
    private readonly byte[] _coded = Convert.FromHexString(
        "088264020f0985aec3771a4b0f1296d07abe941054d444a8200595040b8166e082a62d1bff"
        + "0f1f919d29ad171863c78f0b97c8e9ae82ae43d3");

    // As indexed, but for one behind the table.
    private readonly byte[] _refused = [0x88, 0xbe, 0xbf, 0xc0, 0xc1, 0xfe];
    private readonly byte[] _scratch = new byte[1024];
    private readonly byte[] _block = new byte[1024];
    private readonly HpackDecoder _decoder = new(HpackDecoder.DefaultTableBytes);
    private readonly CountingFields _fields = new();

    [GlobalSetup]
    public void SetUp()
    {
        foreach (string field in (string[])["4001610162", "4001630164", "4001650166", "4001670168"])
            Expect.That(_decoder.TryDecode(Convert.FromHexString(field), _scratch, _fields), field);
        Expect.Same(5, DecodeIndexed());
        Expect.Same(4, DecodeCoded());
        Expect.That(!Refuse(), "an index behind the table is refused");
        Expect.That(Write() > 150, "the fields are there");
    }

    [Benchmark]
    public int DecodeIndexed()
    {
        _fields.Count = 0;
        _decoder.TryDecode(_indexed, _scratch, _fields);
        return _fields.Count;
    }

    [Benchmark]
    public int DecodeCoded()
    {
        _fields.Count = 0;
        _decoder.TryDecode(_coded, _scratch, _fields);
        return _fields.Count;
    }

    [Benchmark]
    public bool Refuse() => _decoder.TryDecode(_refused, _scratch, _fields);

    [Benchmark]
    public int Write()
    {
        var writer = new HpackWriter(_block);
        writer.PutIndexed(HpackStaticTable.MethodPost);
        writer.PutIndexed(HpackStaticTable.SchemeHttp);
        writer.PutNamed(HpackStaticTable.Path, "/helloworld.Greeter/SayHello"u8);
        writer.PutNamed(HpackStaticTable.Authority, "greeter.example:50051"u8);
        writer.PutField(KnownHeader.ContentType, "Content-Type"u8, "application/grpc"u8);
        writer.PutField(KnownHeader.UserAgent, "User-Agent"u8, "grpc-go/1.70.0"u8);
        writer.PutField(KnownHeader.Other, "grpc-timeout"u8, "999m"u8);
        writer.PutField(KnownHeader.XForwardedFor, "X-Forwarded-For"u8, "192.0.2.7"u8);
        writer.PutField(KnownHeader.XRequestId, "X-Request-Id"u8, "0123456789abcdef0123456789abcdef"u8);
        writer.PutField(KnownHeader.Te, "te"u8, "trailers"u8);
        return writer.Length;
    }

    private sealed class CountingFields : IFieldSink
    {
        public int Count { get; set; }

        public void Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Count++;
    }
}
