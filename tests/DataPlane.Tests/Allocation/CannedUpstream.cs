using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataPlane.Tests.Allocation;

/// <summary>
/// An upstream that allocates nothing once its connections stand: a thread and a buffer each, blocking calls, answers
/// rendered beforehand. It knows two requests: a POST of <see cref="PostBytes"/>, and a GET whose path tells how large
/// an answer it wants, and whether it waits for the test. A request for another protocol gets an echo of bytes.
/// </summary>
internal sealed class CannedUpstream : IDisposable
{
    public const int PostBytes = 10_000;
    public const int SmallBytes = 128;
    public const int LargeBytes = 100_000;

    /// <summary>In the path of a GET for the large answer.</summary>
    public const string LargePath = "/large";

    /// <summary>In the path of a GET whose answer waits for <see cref="LetGo"/>.</summary>
    public const string HeldPath = "/held";

    private static readonly byte[] s_small = Answer(SmallBytes);
    private static readonly byte[] s_large = Answer(LargeBytes);

    private static readonly byte[] s_switching = Encoding.ASCII.GetBytes(Functional.Tunnels.TunnelPair.Switching);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _accepted = [];
    private readonly SemaphoreSlim _letGo = new(0);
    private int _connections;
    private int _held;

    public CannedUpstream()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        StartThread(Accept);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Requests for <see cref="HeldPath"/> so far.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Lets one request for <see cref="HeldPath"/> have its answer.</summary>
    public void LetGo() => _letGo.Release();

    public void Dispose()
    {
        _letGo.Release(100);
        _listener.Dispose();
        lock (_accepted) _accepted.ForEach(socket => socket.Dispose());
    }

    private static byte[] Answer(int bodyBytes) => Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 20:00:00 GMT\r\nContent-Type: text/plain\r\n"
        + $"Content-Length: {bodyBytes}\r\n\r\n{new string('b', bodyBytes)}");

    private static void StartThread(Action run) =>
        new Thread(() => UntilClosed(run)) { IsBackground = true, Name = "upstream" }.Start();

    private static void UntilClosed(Action run)
    {
        try
        {
            run();
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The gateway or the test is done with it.
        }
    }

    private void Accept()
    {
        while (true)
        {
            var socket = _listener.Accept();
            socket.NoDelay = true;
            lock (_accepted) _accepted.Add(socket);
            Interlocked.Increment(ref _connections);
            StartThread(() => Serve(socket));
        }
    }

    private void Serve(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        while (true)
        {
            var received = socket.Receive(buffer, filled, buffer.Length - filled, SocketFlags.None);
            if (received == 0) return;
            filled += received;
            var headEnd = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (headEnd < 0) continue;
            if (buffer.AsSpan(0, headEnd).IndexOf("\r\nUpgrade: "u8) >= 0)
            {
                SendAll(socket, s_switching);
                Echo(socket, buffer);
                return;
            }
            var isPost = buffer[0] == 'P';
            if (filled < headEnd + 4 + (isPost ? PostBytes : 0)) continue;
            // The gateway sends one request at a time on a connection: whatever is in the buffer belongs to this one.
            filled = 0;
            if (buffer.AsSpan(0, headEnd).IndexOf("GET /held"u8) == 0)
            {
                Interlocked.Increment(ref _held);
                _letGo.Wait();
            }
            SendAll(socket, buffer.AsSpan(0, headEnd).IndexOf("GET /large"u8) == 0 ? s_large : s_small);
        }
    }

    private static void Echo(Socket socket, byte[] buffer)
    {
        while (socket.Receive(buffer) is var received and > 0)
        {
            for (var sent = 0; sent < received;)
                sent += socket.Send(buffer, sent, received - sent, SocketFlags.None);
        }
    }

    private static void SendAll(Socket socket, byte[] answer)
    {
        for (var sent = 0; sent < answer.Length;)
            sent += socket.Send(answer, sent, answer.Length - sent, SocketFlags.None);
    }
}
