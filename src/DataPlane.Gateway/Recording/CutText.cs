using System.Text;

namespace DataPlane.Gateway.Recording;

/// <summary>Bytes kept from an exchange, cut at the room there is. One thread at a time; 0 bytes to set.</summary>
internal sealed class CutText(int bytes)
{
    private readonly byte[] _room = new byte[bytes];
    private int _length;

    public void Set(ReadOnlySpan<byte> text)
    {
        _length = Math.Min(text.Length, _room.Length);
        text[.._length].CopyTo(_room);
    }

    /// <summary>Null when nothing was kept; what is no UTF-8 becomes U+FFFD. Allocates.</summary>
    public string? Read() => _length == 0 ? null : Encoding.UTF8.GetString(_room, 0, _length);
}
