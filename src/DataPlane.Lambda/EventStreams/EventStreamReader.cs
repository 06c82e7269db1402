using System.Buffers.Binary;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.EventStreams;

/// <summary>
/// Takes <c>application/vnd.amazon.eventstream</c> apart, from pieces of any size: both checksums are looked at before
/// a message is believed, and none may be longer than <see cref="LambdaLimits.StreamMessageBytes"/>. One user.
/// </summary>
internal sealed class EventStreamReader
{
    /// <summary>Whole length, length of the headers, and the checksum of both.</summary>
    private const int PreludeBytes = 12;

    private const int ChecksumBytes = 4;

    private readonly PayloadBuffer _message = new();
    private int _length;
    private int _headersLength;
    private bool _isWhole;

    /// <summary>In the middle of a message: a stream that ends here was cut off.</summary>
    public bool HasPart => !_isWhole && _message.Length > 0;

    /// <summary>Gives the buffer back.</summary>
    public void Release() => _message.Clear();

    public EventStreamStatus Read(ref ReadOnlySpan<byte> bytes, out EventMessage message)
    {
        message = default;
        if (_isWhole)
        {
            _message.Truncate(0);
            _isWhole = false;
        }
        if (_message.Length < PreludeBytes)
        {
            Take(ref bytes, PreludeBytes);
            if (_message.Length < PreludeBytes) return EventStreamStatus.NeedsMore;
            if (!TryReadPrelude()) return EventStreamStatus.Broken;
        }
        Take(ref bytes, _length);
        if (_message.Length < _length) return EventStreamStatus.NeedsMore;
        _isWhole = true;
        var all = _message.Span;
        uint checksum = BinaryPrimitives.ReadUInt32BigEndian(all[^ChecksumBytes..]);
        if (Crc32.Of(all[..^ChecksumBytes]) != checksum) return EventStreamStatus.Broken;
        var headers = all.Slice(PreludeBytes, _headersLength);
        var payload = all[(PreludeBytes + _headersLength)..^ChecksumBytes];
        return TryReadHeaders(headers, payload, out message) ? EventStreamStatus.Message : EventStreamStatus.Broken;
    }

    private void Take(ref ReadOnlySpan<byte> bytes, int upTo)
    {
        int taken = Math.Min(bytes.Length, upTo - _message.Length);
        _message.Append(bytes[..taken]);
        bytes = bytes[taken..];
    }

    private bool TryReadPrelude()
    {
        var prelude = _message.Span;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(prelude);
        uint headersLength = BinaryPrimitives.ReadUInt32BigEndian(prelude[4..]);
        uint checksum = BinaryPrimitives.ReadUInt32BigEndian(prelude[8..]);
        if (Crc32.Of(prelude[..8]) != checksum || length > LambdaLimits.StreamMessageBytes) return false;
        if (length < PreludeBytes + ChecksumBytes || headersLength > length - PreludeBytes - ChecksumBytes)
            return false;
        _length = (int)length;
        _headersLength = (int)headersLength;
        return true;
    }

    private static bool TryReadHeaders(
        ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload, out EventMessage message)
    {
        message = default;
        ReadOnlySpan<byte> kind = [], name = [];
        while (!headers.IsEmpty)
        {
            int nameLength = headers[0];
            if (headers.Length < nameLength + 2) return false;
            var header = headers.Slice(1, nameLength);
            byte type = headers[1 + nameLength];
            headers = headers[(nameLength + 2)..];
            if (!TryTakeValue(ref headers, type, out var value)) return false;
            if (header.SequenceEqual(":message-type"u8)) kind = value;
            else if (header.SequenceEqual(":event-type"u8) || header.SequenceEqual(":exception-type"u8)
                || header.SequenceEqual(":error-code"u8)) name = value;
        }
        message = new EventMessage(kind, name, payload);
        return true;
    }

    private static bool TryTakeValue(
        scoped ref ReadOnlySpan<byte> headers, byte type, out ReadOnlySpan<byte> value)
    {
        value = default;
        int length = type switch
        {
            0 or 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            5 or 8 => 8,
            6 or 7 when headers.Length >= 2 => BinaryPrimitives.ReadUInt16BigEndian(headers),
            9 => 16,
            _ => -1,
        };
        if (length < 0) return false;
        if (type is 6 or 7) headers = headers[2..];
        if (headers.Length < length) return false;
        value = headers[..length];
        headers = headers[length..];
        return true;
    }
}
