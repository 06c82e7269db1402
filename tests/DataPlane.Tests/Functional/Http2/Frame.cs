using System.Buffers.Binary;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>A frame of RFC 9113 4.1, with the numbers of section 6.</summary>
internal sealed record Frame(byte Type, byte Flags, int Stream, byte[] Payload)
{
    private const int HeadBytes = 9;

    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Priority = 2;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte PushPromise = 5;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte Continuation = 9;

    public const byte EndStream = 0x1;
    public const byte Ack = 0x1;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;
    public const byte HasPriority = 0x20;

    /// <summary>Of HEADERS, read in the order in which they came.</summary>
    public List<(string Name, string Value)> Fields { get; init; } = [];

    public bool EndsStream => Type is Data or Headers && (Flags & EndStream) != 0;

    /// <summary>The number that RST_STREAM, WINDOW_UPDATE and the like carry.</summary>
    public int Number => NumberAt(0);

    /// <summary>The next one that comes; null at the end of the connection.</summary>
    public static async Task<Frame?> TryReadAsync(RawPeer peer)
    {
        try
        {
            byte[] head = await peer.ReadExactlyAsync(HeadBytes);
            byte[] payload = await peer.ReadExactlyAsync((head[0] << 16) | (head[1] << 8) | head[2]);
            return new Frame(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    /// <summary>Of the payload: GOAWAY has its code behind the last stream, at 4.</summary>
    public int NumberAt(int index) => BinaryPrimitives.ReadInt32BigEndian(Payload.AsSpan(index));

    public static byte[] Bytes(int number) =>
        [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];

    public byte[] ToBytes() =>
    [
        (byte)(Payload.Length >> 16), (byte)(Payload.Length >> 8), (byte)Payload.Length, Type, Flags,
        .. Bytes(Stream), .. Payload,
    ];
}
