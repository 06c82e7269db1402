using DataPlane.Gateway.Loops;
using DataPlane.Http.Http2;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// How large a header block of ours is as SETTINGS_MAX_HEADER_LIST_SIZE counts it (RFC 9113 6.5.2): names, values and
/// 32 bytes for each field. Made when a block comes near to what an upstream takes. Loop thread; 0 bytes.
/// </summary>
internal sealed class FieldListSize : IFieldSink
{
    private const int BytesPerField = 32;

    // Blocks of ours refer to no table but the static one.
    private readonly HpackDecoder _hpack = new(tableBytes: 0);
    private long _bytes;

    /// <summary>
    /// What a block of so many bytes and fields can be at most: no name and value that one byte stands for are longer.
    /// </summary>
    public static long Most(int blockBytes, int fields) => blockBytes + (fields * (2L * BytesPerField));

    public long Of(ReadOnlySpan<byte> block, EventLoop loop)
    {
        _bytes = 0;
        byte[] scratch = loop.Slabs.Rent(HpackDecoder.ScratchBytes(block.Length));
        _hpack.TryDecode(block, scratch, this);
        loop.Slabs.Return(scratch);
        return _bytes;
    }

    public void Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        _bytes += name.Length + value.Length + BytesPerField;
}
