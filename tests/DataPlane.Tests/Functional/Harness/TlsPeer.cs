using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>A peer that speaks TLS by the runtime's own stream over a socket.</summary>
internal sealed class TlsPeer : RawPeer
{
    private readonly Socket _socket;

    private TlsPeer(Socket socket, bool dribbles = false)
    {
        _socket = socket;
        var stream = new NetworkStream(socket, ownsSocket: true);
        Tls = new SslStream(dribbles ? new DribblingStream(stream) : stream);
    }

    public SslStream Tls { get; }

    /// <summary>
    /// Connects; any certificate will do, tests look at it themselves. With <paramref name="dribbles"/> each byte is
    /// sent by itself, those of the handshake as well. No protocol is offered unless <paramref name="alpn"/> names one.
    /// </summary>
    public static async Task<TlsPeer> ConnectAsync(
        int port, string serverName, X509Certificate2? certificate = null, SslProtocols protocols = SslProtocols.None,
        bool dribbles = false, string? alpn = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        var peer = new TlsPeer(socket, dribbles);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = serverName,
            EnabledSslProtocols = protocols,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ClientCertificates = certificate is null ? [] : [certificate],
            ApplicationProtocols = alpn is null ? null : [new SslApplicationProtocol(alpn)],
        };
        try
        {
            await peer.Tls.AuthenticateAsClientAsync(options).WaitAsync(Eventually.Patience);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Plays the other side of a handshake that the gateway has begun.</summary>
    public static async Task<TlsPeer> AcceptAsync(Socket accepted, SslServerAuthenticationOptions options)
    {
        var peer = new TlsPeer(accepted);
        await peer.Tls.AuthenticateAsServerAsync(options).WaitAsync(Eventually.Patience);
        return peer;
    }

    /// <summary>close_notify, and nothing else.</summary>
    public override Task HalfCloseAsync() => Tls.ShutdownAsync();

    public override Task ResetAsync()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => Tls.DisposeAsync();

    protected override Task WriteAsync(ReadOnlyMemory<byte> bytes) => Tls.WriteAsync(bytes).AsTask();

    protected override async Task<int> ReceiveAsync(Memory<byte> destination)
    {
        try
        {
            return await Tls.ReadAsync(destination);
        }
        catch (IOException)
        {
            WasReset = true;
            return 0;
        }
    }
}
