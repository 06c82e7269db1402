using System.Buffers.Binary;
using System.Text;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// The two messages of grpc.health.v1.Health/Check, each in its gRPC frame: a request has the service's name as field
/// 1, an answer the status as field 1. Source: grpc/doc/health-checking.md, the protobuf wire format. Cold.
/// </summary>
internal static class HealthMessages
{
    private const int FrameBytes = 5;
    private const byte NameField = 1 << 3 | 2;
    private const byte StatusField = 1 << 3;

    public static byte[] Request(string service)
    {
        byte[] name = Encoding.UTF8.GetBytes(service);
        var message = new List<byte>();
        if (name.Length > 0)
        {
            message.Add(NameField);
            for (int left = name.Length; ; left >>= 7)
            {
                if (left < 0x80)
                {
                    message.Add((byte)left);
                    break;
                }
                message.Add((byte)(left & 0x7f | 0x80));
            }
            message.AddRange(name);
        }
        byte[] frame = new byte[FrameBytes + message.Count];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Count);
        message.CopyTo(frame, FrameBytes);
        return frame;
    }

    /// <summary>1 is serving; 0, which is what an empty message says, is unknown; -1 for what is no answer.</summary>
    public static int ServingStatus(ReadOnlySpan<byte> frame)
    {
        bool isFrame = frame.Length >= FrameBytes && frame[0] == 0
            && BinaryPrimitives.ReadInt32BigEndian(frame[1..]) == frame.Length - FrameBytes;
        if (!isFrame) return -1;
        var message = frame[FrameBytes..];
        if (message.IsEmpty) return 0;
        return message.Length >= 2 && message[0] == StatusField && message[1] < 0x80 ? message[1] : -1;
    }
}
