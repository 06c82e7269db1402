using System.Buffers;
using System.Buffers.Binary;

namespace DataPlane.Lambda.EventStreams;

/// <summary>Writes messages of an event stream. Pure; 0 bytes.</summary>
internal static class EventStreamWriter
{
    private const int PreludeBytes = 12;
    private const int ChecksumBytes = 4;
    private const byte TextType = 7;

    private static ReadOnlySpan<byte> Event => "event"u8;

    /// <summary>A piece of the answer.</summary>
    public static void WriteChunk(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes) =>
        Write(output, "PayloadChunk"u8, "application/octet-stream"u8, bytes);

    /// <summary>The end; <paramref name="json"/> says whether it was a good one.</summary>
    public static void WriteComplete(IBufferWriter<byte> output, ReadOnlySpan<byte> json) =>
        Write(output, "InvokeComplete"u8, "application/json"u8, json);

    private static void Write(
        IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> contentType,
        ReadOnlySpan<byte> payload)
    {
        int headersLength = LengthOf(":event-type"u8, name) + LengthOf(":content-type"u8, contentType)
            + LengthOf(":message-type"u8, Event);
        int length = PreludeBytes + headersLength + payload.Length + ChecksumBytes;
        var message = output.GetSpan(length)[..length];
        BinaryPrimitives.WriteUInt32BigEndian(message, (uint)length);
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], (uint)headersLength);
        BinaryPrimitives.WriteUInt32BigEndian(message[8..], Crc32.Of(message[..8]));
        int at = PreludeBytes;
        Put(message, ref at, ":event-type"u8, name);
        Put(message, ref at, ":content-type"u8, contentType);
        Put(message, ref at, ":message-type"u8, Event);
        payload.CopyTo(message[at..]);
        BinaryPrimitives.WriteUInt32BigEndian(message[^ChecksumBytes..], Crc32.Of(message[..^ChecksumBytes]));
        output.Advance(length);
    }

    private static int LengthOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => 4 + name.Length + value.Length;

    private static void Put(Span<byte> message, ref int at, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        message[at++] = (byte)name.Length;
        name.CopyTo(message[at..]);
        at += name.Length;
        message[at++] = TextType;
        BinaryPrimitives.WriteUInt16BigEndian(message[at..], (ushort)value.Length);
        at += 2;
        value.CopyTo(message[at..]);
        at += value.Length;
    }
}
