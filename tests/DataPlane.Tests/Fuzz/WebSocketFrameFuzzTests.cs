using DataPlane.Http.WebSockets;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// Frames of a WebSocket: the walker stands between two frames exactly where a reader that takes whole frames apart
/// does, however the bytes arrive.
/// </summary>
public sealed class WebSocketFrameFuzzTests
{
    private static readonly byte[][] s_seeds =
    [
        [0x81, 0x05, .. "hello"u8],
        [0x81, 0x85, 1, 2, 3, 4, .. "hello"u8, 0x88, 0x02, 0x03, 0xe8],
        [0x82, 0x7e, 0x01, 0x00, .. new byte[256], 0x8a, 0x00],
        [0x02, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0, .. new byte[65536], 0x80, 0x80, 0, 0, 0, 0],
        [0x89, 0x00, 0x89, 0x80, 9, 9, 9, 9, 0x88, 0x80, 1, 1, 1, 1],
    ];

    private static readonly Mutation s_mutation = new(
        "\u0081\u0001x", "\u0088\0", "\u0089\0", "\u0081\u007f\0\0\0\0\0\0\0\u0002ab", "\u0081\u00fe\0\u0001abcdx",
        "\u0081\u007f\u0080\0\0\0\0\0\0\0", "\u0081\u007f\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "\0\0");

    [Fact]
    public void Walker_KnowsWhereFramesEnd() => FuzzRun.Check(
        s_seeds,
        s_mutation,
        bytes =>
        {
            var (frames, hasClosed, isLost, isBetween) = ReadWhole(bytes);
            var random = new Random(bytes.Length);
            foreach (int most in (int[])[int.MaxValue, 1, 1 + random.Next(16)])
            {
                var walker = new FrameWalker();
                for (int at = 0; at < bytes.Length && !walker.IsLost;)
                {
                    int given = Math.Min(bytes.Length - at, most == int.MaxValue ? most : 1 + random.Next(most));
                    walker.Walk(bytes.AsSpan(at, given));
                    at += given;
                }
                Assert.Equal(isLost, walker.IsLost);
                if (isLost) continue;
                Assert.Equal(hasClosed, walker.HasClosed);
                Assert.Equal(isBetween, walker.IsBetweenFrames);
            }
            return frames > 0 && isBetween;
        },
        takenOneIn: 200);

    /// <summary>RFC 6455 5.2, a frame at a time.</summary>
    private static (int Frames, bool HasClosed, bool IsLost, bool IsBetween) ReadWhole(byte[] bytes)
    {
        int frames = 0;
        bool hasClosed = false;
        long at = 0;
        while (at < bytes.Length)
        {
            if (bytes.Length - at < 2) return (frames, hasClosed, false, false);
            int opcode = bytes[at] & 15;
            bool isMasked = bytes[at + 1] >= 0x80;
            ulong length = (ulong)(bytes[at + 1] & 0x7f);
            int more = length == 126 ? 2 : length == 127 ? 8 : 0;
            long header = 2 + more + (isMasked ? 4 : 0);
            if (bytes.Length - at < header) return (frames, hasClosed, false, false);
            if (more > 0)
            {
                length = 0;
                for (int each = 0; each < more; each++) length = (length << 8) | bytes[at + 2 + each];
            }
            if (length > long.MaxValue) return (frames, hasClosed, true, false);
            if (length > (ulong)(bytes.Length - at - header)) return (frames, hasClosed, false, false);
            at += header + (long)length;
            frames++;
            hasClosed |= opcode == 8;
        }
        return (frames, hasClosed, false, true);
    }
}
