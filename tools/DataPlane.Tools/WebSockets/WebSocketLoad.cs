using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataPlane.Tools.WebSockets;

/// <summary>
/// A closed loop over WebSockets: each connection sends its next message when the echo of the last one is there.
/// </summary>
public sealed class WebSocketLoad(int port, string path, int connections, TimeSpan duration, int messageBytes)
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const byte Binary = 2;

    private readonly byte[] _message = Frame(messageBytes, isMasked: true);
    private readonly byte[] _echo = Frame(messageBytes, isMasked: false);

    /// <summary>One line of JSON: messages echoed, seconds, latencies, connections that failed.</summary>
    public async Task<string> RunAsync()
    {
        var sockets = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => OpenAsync()));
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var results = await Task.WhenAll(sockets.Select(socket => Task.Run(() => RunAsync(socket, end))));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int[] latencies = [.. results.SelectMany(each => each ?? []).Order()];
        int failed = results.Count(each => each is null);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"messages\":{latencies.Length},\"seconds\":{seconds:F3},\"p50_ms\":{Rank(latencies, 0.5):F3}," +
            $"\"p99_ms\":{Rank(latencies, 0.99):F3},\"failed\":{failed}}}");
    }

    private static byte[] Frame(int messageBytes, bool isMasked)
    {
        byte[] payload = new byte[messageBytes];
        for (int at = 0; at < payload.Length; at++) payload[at] = (byte)('a' + at % 26);
        byte[] frame = new byte[messageBytes + 14];
        return frame[..NaiveFrames.Write(frame, Binary, payload, isMasked)];
    }

    private static double Rank(int[] ordered, double share) =>
        ordered.Length == 0 ? 0 : ordered[Math.Min(ordered.Length - 1, (int)(ordered.Length * share))] / 1000.0;

    /// <summary>Microseconds of each echo; null when the connection broke, or its echo was wrong.</summary>
    private async Task<List<int>?> RunAsync(Socket? socket, long end)
    {
        if (socket is null) return null;
        using var owned = socket;
        var latencies = new List<int>(16 * 1024);
        byte[] received = new byte[_echo.Length];
        try
        {
            while (true)
            {
                long sent = Stopwatch.GetTimestamp();
                if (sent >= end) return latencies;
                await socket.SendAsync(_message);
                for (int at = 0; at < received.Length;)
                {
                    int count = await socket.ReceiveAsync(received.AsMemory(at));
                    if (count == 0) return null;
                    at += count;
                }
                if (!received.AsSpan().SequenceEqual(_echo)) return null;
                latencies.Add((int)Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
            }
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private async Task<Socket?> OpenAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            $"Sec-WebSocket-Key: {Key}\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        byte[] head = new byte[4096];
        int end = 0;
        // Nobody sends behind the 101 before the first message.
        while (head.AsSpan(0, end).IndexOf("\r\n\r\n"u8) < 0)
        {
            int count = end == head.Length ? 0 : await socket.ReceiveAsync(head.AsMemory(end));
            if (count == 0) return null;
            end += count;
        }
        return head.AsSpan().StartsWith("HTTP/1.1 101 "u8) ? socket : null;
    }
}
