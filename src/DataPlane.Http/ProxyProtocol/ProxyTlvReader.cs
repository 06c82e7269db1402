using System.Buffers.Binary;

namespace DataPlane.Http.ProxyProtocol;

/// <summary>Steps through type-length-value triples. 0 bytes.</summary>
public ref struct ProxyTlvReader(ReadOnlySpan<byte> bytes)
{
    private const int HeadBytes = 3;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The triple stepped to last.</summary>
    public byte Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>A triple did not fit: what follows it means nothing.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>False at the end, and where a triple does not fit.</summary>
    public bool TryNext()
    {
        if (_rest.IsEmpty || IsBroken) return false;
        int length = _rest.Length < HeadBytes ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(_rest[1..]);
        if (length > _rest.Length - HeadBytes)
        {
            IsBroken = true;
            return false;
        }
        Type = _rest[0];
        Value = _rest.Slice(HeadBytes, length);
        _rest = _rest[(HeadBytes + length)..];
        return true;
    }
}
