using System.Security.Cryptography;
using System.Text;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tools.WebSockets;

/// <summary>
/// An upstream that takes every request for the beginning of a WebSocket and sends back what it is sent. For load: no
/// compression, no limits, no judgement.
/// </summary>
public sealed class WebSocketEcho : IAsyncDisposable
{
    private const byte Close = 8;
    private const byte Ping = 9;
    private const byte Pong = 10;

    private readonly LoopbackAcceptor _acceptor;

    private WebSocketEcho(int port) => _acceptor = LoopbackAcceptor.OnPort(port, ServeAsync, static () => { });

    public string Url => $"http://127.0.0.1:{_acceptor.Port}";

    /// <summary>Listens on loopback; port 0 takes a free one.</summary>
    public static WebSocketEcho Start(int port = 0) => new(port);

    public ValueTask DisposeAsync() => _acceptor.DisposeAsync();

    /// <summary>Sec-WebSocket-Accept (RFC 6455 4.2.2).</summary>
    internal static string AcceptOf(string key) => Convert.ToBase64String(
#pragma warning disable CA5350 // The protocol names SHA-1.
        SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    private static async Task ServeAsync(AcceptedConnection connection, CancellationToken cancellationToken)
    {
        var stream = connection.Stream;
        byte[] input = new byte[16 * 1024];
        byte[] output = new byte[16 * 1024];
        int end = 0;
        int head;
        while ((head = input.AsSpan(0, end).IndexOf("\r\n\r\n"u8)) < 0)
        {
            int received = await stream.ReadAsync(input.AsMemory(end), cancellationToken);
            if (received == 0) return;
            end += received;
        }
        string request = Encoding.Latin1.GetString(input, 0, head);
        string key = request.Split("\r\n")
            .First(line => line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase))[18..].Trim();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
                $"Sec-WebSocket-Accept: {AcceptOf(key)}\r\n\r\n"),
            cancellationToken);
        int start = head + 4;
        while (true)
        {
            int written = 0;
            while (NaiveFrames.LengthOf(input.AsSpan(start, end - start)) is var length and > 0)
            {
                if (output.Length < written + length) Array.Resize(ref output, (written + length) * 2);
                bool isOver = Answer(input.AsSpan(start, length), output, ref written);
                start += length;
                if (!isOver) continue;
                await stream.WriteAsync(output.AsMemory(0, written), cancellationToken);
                return;
            }
            if (written > 0) await stream.WriteAsync(output.AsMemory(0, written), cancellationToken);
            input.AsSpan(start, end - start).CopyTo(input);
            end -= start;
            start = 0;
            if (end == input.Length) Array.Resize(ref input, input.Length * 2);
            int received = await stream.ReadAsync(input.AsMemory(end), cancellationToken);
            if (received == 0) return;
            end += received;
        }
    }

    /// <summary>True when the frame was the last one.</summary>
    private static bool Answer(Span<byte> frame, byte[] output, ref int written)
    {
        byte opcode = (byte)(frame[0] & 0x0f);
        byte answer = opcode == Ping ? Pong : opcode;
        if (opcode == Pong) return false;
        written += NaiveFrames.Write(
            output.AsSpan(written), answer, NaiveFrames.PayloadOf(frame), isMasked: false);
        return opcode == Close;
    }
}
