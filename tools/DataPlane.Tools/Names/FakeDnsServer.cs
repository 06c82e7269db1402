using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataPlane.Tools.Names;

/// <summary>
/// A name server on loopback, over UDP and TCP, with DNS code of its own. It knows what it was told; any other name
/// does not exist. Names are in lower case. Any member may be used from any thread.
/// </summary>
public sealed class FakeDnsServer : IAsyncDisposable
{
    private const ushort TypeA = 1;
    private const ushort TypeAlias = 5;
    private const ushort TypeAaaa = 28;
    private const ushort TypeService = 33;

    private readonly ConcurrentDictionary<string, FakeDnsRecord[]> _records = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _udp;
    private readonly Socket _tcp;
    private readonly Task _running;
    private int _questions;

    private FakeDnsServer()
    {
        (_udp, _tcp) = Bind();
        _running = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint Address => (IPEndPoint)_udp.LocalEndPoint!;

    public FakeDnsMode Mode { get; set; }

    /// <summary>Questions received so far, over UDP and TCP.</summary>
    public int Questions => Volatile.Read(ref _questions);

    public static FakeDnsServer Start() => new();

    /// <summary>A and AAAA records.</summary>
    public void Set(string name, int ttlSeconds, params string[] addresses) =>
        _records[name] = [.. addresses.Select(IPAddress.Parse).Select(each => new FakeDnsRecord(
            each.AddressFamily == AddressFamily.InterNetwork ? TypeA : TypeAaaa, ttlSeconds, each.GetAddressBytes()))];

    public void SetAlias(string name, int ttlSeconds, string target) =>
        _records[name] = [new FakeDnsRecord(TypeAlias, ttlSeconds, NameBytes(target))];

    public void SetService(
        string name, int ttlSeconds, params (int Priority, int Weight, int Port, string Target)[] services) =>
        _records[name] = [.. services.Select(each => new FakeDnsRecord(
            TypeService, ttlSeconds,
            [.. Number(each.Priority), .. Number(each.Weight), .. Number(each.Port), .. NameBytes(each.Target)]))];

    public void Remove(string name) => _records.TryRemove(name, out _);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        await _running;
        _stopping.Dispose();
    }

    /// <summary>Both on one port, which has to be free for both.</summary>
    private static (Socket Udp, Socket Tcp) Bind()
    {
        while (true)
        {
            var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            tcp.Listen();
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                udp.Bind(tcp.LocalEndPoint!);
                return (udp, tcp);
            }
            catch (SocketException)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                var from = new IPEndPoint(IPAddress.Any, 0);
                var received = await _udp.ReceiveFromAsync(buffer, from, _stopping.Token);
                Interlocked.Increment(ref _questions);
                var mode = Mode;
                if (mode == FakeDnsMode.Silent) continue;
                byte[] reply = Reply(buffer.AsSpan(0, received.ReceivedBytes), mode);
                if (mode == FakeDnsMode.Forges)
                {
                    byte[] forged = [.. reply];
                    forged[0] ^= 0xff;
                    await _udp.SendToAsync(forged, received.RemoteEndPoint, _stopping.Token);
                }
                await _udp.SendToAsync(reply, received.RemoteEndPoint, _stopping.Token);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                using var socket = await _tcp.AcceptAsync(_stopping.Token);
                await using var stream = new NetworkStream(socket);
                byte[] length = new byte[2];
                await stream.ReadExactlyAsync(length, _stopping.Token);
                byte[] question = new byte[(length[0] << 8) | length[1]];
                await stream.ReadExactlyAsync(question, _stopping.Token);
                Interlocked.Increment(ref _questions);
                byte[] reply = Reply(question, FakeDnsMode.Answers);
                await stream.WriteAsync((byte[])[.. Number(reply.Length), .. reply], _stopping.Token);
            }
        }
        catch (Exception end) when (
            end is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
        {
            // Stopped, or a client that left.
        }
    }

    private byte[] Reply(ReadOnlySpan<byte> question, FakeDnsMode mode)
    {
        int end = 12;
        var labels = new List<string>();
        while (question[end] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(question.Slice(end + 1, question[end])));
            end += question[end] + 1;
        }
        int type = (question[end + 1] << 8) | question[end + 2];
        end += 5;
        bool isKnown = _records.TryGetValue(string.Join('.', labels).ToLowerInvariant(), out var all);
        var records = mode is FakeDnsMode.Fails or FakeDnsMode.Truncates || !isKnown
            ? []
            : all!.Where(each => each.Type == type || each.Type == TypeAlias).ToArray();
        int code = mode == FakeDnsMode.Fails ? 2 : isKnown || mode == FakeDnsMode.Truncates ? 0 : 3;
        int flags = 0x8180 | code | (mode == FakeDnsMode.Truncates ? 0x0200 : 0);
        var reply = new List<byte>();
        reply.AddRange(question[..2]);
        reply.AddRange(
            [.. Number(flags), .. Number(1), .. Number(records.Length), .. Number(0), .. Number(0)]);
        reply.AddRange(question[12..end]);
        foreach (var record in records)
        {
            // A pointer to the question's name.
            reply.AddRange([0xc0, 12, .. Number(record.Type), .. Number(1), 0, 0]);
            reply.AddRange([.. Number(record.TtlSeconds), .. Number(record.Data.Length), .. record.Data]);
        }
        return [.. reply];
    }

    private static byte[] NameBytes(string name)
    {
        var bytes = new List<byte>();
        foreach (string label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }
        bytes.Add(0);
        return [.. bytes];
    }

    private static byte[] Number(int value) => [(byte)(value >> 8), (byte)value];
}
