using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Http.Headers;
using DataPlane.Http.Http2;

namespace DataPlane.Tests.Upstreams.Http2;

public sealed class FieldListSizeTests : IDisposable
{
    private readonly LoopSet _loops = new(1, static _ => new PortableEngine(), TimeProvider.System);

    public void Dispose() => _loops.Dispose();

    [Fact]
    public void Fields_CountWithTheirNamesAndThirtyTwoBytes()
    {
        byte[] bytes = new byte[2000];
        var writer = new HpackWriter(bytes);
        writer.PutNoTable();
        writer.PutIndexed(HpackStaticTable.MethodGet);
        writer.PutNamed(HpackStaticTable.Path, "/abc"u8);
        writer.PutField(KnownHeader.UserAgent, "User-Agent"u8, "curl"u8);
        writer.PutField(KnownHeader.Other, "x-a"u8, new byte[1000]);
        const long Expected = (7 + 3) + (5 + 4) + (10 + 4) + (3 + 1000) + (4 * 32);
        Assert.Equal(Expected, SizeOf(bytes, writer.Length));
    }

    [Fact]
    public void EveryEntryOfTheStaticTable_IsWithinTheEstimate()
    {
        for (int index = 1; index <= HpackStaticTable.Count; index++)
        {
            byte[] bytes = new byte[100];
            var indexed = new HpackWriter(bytes);
            indexed.PutIndexed(index);
            Assert.InRange(SizeOf(bytes, indexed.Length), 33, FieldListSize.Most(indexed.Length, fields: 1));
            var named = new HpackWriter(bytes);
            named.PutNamed(index, []);
            Assert.InRange(SizeOf(bytes, named.Length), 33, FieldListSize.Most(named.Length, fields: 1));
        }
    }

    private long SizeOf(byte[] bytes, int length) => new FieldListSize().Of(bytes.AsSpan(0, length), _loops[0]);
}
