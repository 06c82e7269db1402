namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// What an upstream is asked instead of the client's own conditions and range: the cache's question whether what it has
/// is still right, or nothing. Loop thread; 0 bytes after its largest.
/// </summary>
public sealed class UpstreamConditions
{
    private byte[] _lines = new byte[256];
    private int _length;

    /// <summary><c>Name: value CRLF</c> lines; may be empty.</summary>
    public ReadOnlySpan<byte> Lines => _lines.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int needed = _length + name.Length + value.Length + 4;
        if (needed > _lines.Length) Array.Resize(ref _lines, needed * 2);
        var writer = new HeadWriter(_lines.AsSpan(_length));
        writer.Put(name);
        writer.Put(": "u8);
        writer.Put(value);
        writer.Put("\r\n"u8);
        _length += writer.Length;
    }
}
