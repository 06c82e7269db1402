using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>
/// Asks resolvers, which do the recursion: over UDP from a port and with an id of chance, over TCP when the answer does
/// not fit. Written here because the runtime's own look-up tells no TTLs and no SRV records. Cold; any thread.
/// </summary>
public sealed class DnsClient(DnsSettings settings, TimeProvider time)
{
    /// <summary>Each resolver is asked so often before the question has failed.</summary>
    private const int Rounds = 2;

    /// <summary>Null when no resolver gave an answer in time, or all failed.</summary>
    public async Task<DnsReply?> AskAsync(string name, DnsType type, CancellationToken stop)
    {
        for (int round = 0; round < Rounds; round++)
        {
            foreach (var resolver in settings.Resolvers)
            {
                var reply = await TryAskAsync(resolver, name, type, stop);
                if (reply is { Code: 0 or DnsReply.NoSuchName }) return reply;
            }
        }
        return null;
    }

    private async Task<DnsReply?> TryAskAsync(
        IPEndPoint resolver, string name, DnsType type, CancellationToken stop)
    {
        ushort id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        if (DnsMessage.Question(id, name, type) is not { } question) return null;
        using var timeout = new CancellationTokenSource(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            var reply = await AskUdpAsync(resolver, question, id, name, type, either.Token);
            if (!reply.IsTruncated) return reply;
            return await AskTcpAsync(resolver, question, id, name, type, either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return null;
        }
    }

    private static async Task<DnsReply> AskUdpAsync(
        IPEndPoint resolver, byte[] question, ushort id, string name, DnsType type, CancellationToken stop)
    {
        using var socket = new Socket(resolver.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        // Connected: the kernel drops what comes from elsewhere.
        await socket.ConnectAsync(resolver, stop);
        await socket.SendAsync(question, stop);
        byte[] buffer = new byte[4096];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, stop);
            // What does not answer the question may be a late answer or a forged one: the right one may still come.
            if (DnsMessage.Parse(buffer.AsSpan(0, length), id, name, type) is { } reply) return reply;
        }
    }

    private static async Task<DnsReply?> AskTcpAsync(
        IPEndPoint resolver, byte[] question, ushort id, string name, DnsType type, CancellationToken stop)
    {
        using var socket = new Socket(resolver.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(resolver, stop);
        await using var stream = new NetworkStream(socket);
        byte[] framed = new byte[question.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
        question.CopyTo(framed, 2);
        await stream.WriteAsync(framed, stop);
        await stream.ReadExactlyAsync(framed.AsMemory(0, 2), stop);
        byte[] buffer = new byte[BinaryPrimitives.ReadUInt16BigEndian(framed)];
        await stream.ReadExactlyAsync(buffer, stop);
        return DnsMessage.Parse(buffer, id, name, type);
    }
}
