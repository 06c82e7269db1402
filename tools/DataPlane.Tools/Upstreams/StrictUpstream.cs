using System.Collections.Concurrent;
using System.Text;

namespace DataPlane.Tools.Upstreams;

/// <summary>
/// Records every byte and answers each request a strict RFC 9112 reader accepts; the first thing such a reader would
/// refuse is kept in <see cref="Violations"/>, answered with 400, and ends the connection. Any thread.
/// </summary>
public sealed class StrictUpstream : IAsyncDisposable
{
    private static readonly byte[] s_refusal =
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();

    private readonly ConcurrentQueue<byte[]> _requests = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentQueue<byte[]> _unfinished = new();
    private readonly ChangeSignal _signal = new();
    private readonly LoopbackAcceptor _acceptor;

    private StrictUpstream(int port) => _acceptor = LoopbackAcceptor.OnPort(port, ServeAsync, _signal.Raise);

    public int Port => _acceptor.Port;

    public string Url => $"http://127.0.0.1:{Port}";

    public int ConnectionCount => _acceptor.Accepted;

    public int OpenConnectionCount => _acceptor.Open;

    /// <summary>The raw bytes of each accepted request, head and body with its framing.</summary>
    public IReadOnlyList<byte[]> Requests => [.. _requests];

    /// <summary>What had to be refused, with the request's bytes made printable; empty is what a test wants.</summary>
    public IReadOnlyList<string> Violations => [.. _violations];

    /// <summary>Bytes of requests whose connection ended before they were complete.</summary>
    public IReadOnlyList<byte[]> Unfinished => [.. _unfinished];

    public static StrictUpstream Start(int port = 0) => new(port);

    /// <summary>Waits for a condition over the records; <see cref="TimeoutException"/> when it never holds.</summary>
    public Task WaitUntilAsync(Func<StrictUpstream, bool> condition, TimeSpan timeout) =>
        _signal.WaitUntilAsync(() => condition(this), timeout);

    public ValueTask DisposeAsync() => _acceptor.DisposeAsync();

    private async Task ServeAsync(AcceptedConnection connection, CancellationToken cancellationToken)
    {
        var pending = Array.Empty<byte>();
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var count = await connection.Stream.ReadAsync(buffer, cancellationToken);
                if (count == 0)
                    return;
                pending = [.. pending, .. buffer.AsSpan(0, count)];
                while (pending.Length > 0)
                {
                    var check = StrictRequestCheck.Examine(pending);
                    if (check.Fault is not null)
                    {
                        _violations.Enqueue($"{check.Fault}: {Printable(pending)}");
                        pending = [];
                        _signal.Raise();
                        await connection.Stream.WriteAsync(s_refusal, cancellationToken);
                        await connection.CloseGentlyAsync(cancellationToken);
                        return;
                    }

                    if (check.Bytes == 0)
                        break;
                    var request = pending[..check.Bytes];
                    pending = pending[check.Bytes..];
                    _requests.Enqueue(request);
                    _signal.Raise();
                    await connection.Stream.WriteAsync(Answer(request), cancellationToken);
                }
            }
        }
        finally
        {
            if (pending.Length > 0)
                _unfinished.Enqueue(pending);
        }
    }

    private static byte[] Answer(byte[] request) =>
        request.AsSpan().StartsWith("HEAD "u8)
            ? "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"u8.ToArray()
            : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"u8.ToArray();

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var one in bytes[..Math.Min(bytes.Length, 512)])
            text.Append(one is >= 0x20 and < 0x7f ? ((char)one).ToString() : $"\\x{one:x2}");
        return text.ToString();
    }
}
