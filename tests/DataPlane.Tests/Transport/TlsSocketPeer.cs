using System.Net.Security;
using System.Net.Sockets;
using DataPlane.Config.Tls;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Transport;

/// <summary>A peer that speaks TLS by the runtime's own stream over a socket.</summary>
internal sealed class TlsSocketPeer : IPeer
{
    private static readonly ListenerTls s_settings = MakeSettings();

    private readonly Socket _socket;
    private readonly SslStream _tls;

    private TlsSocketPeer(Socket socket)
    {
        _socket = socket;
        _tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>Both sides of a handshake over a connection that is open.</summary>
    public static async Task<(LoopConnection Connection, IPeer Peer)> AgreeAsync(
        LoopConnection connection, Socket socket)
    {
        var peer = new TlsSocketPeer(socket);
        var accepting = TlsHandshake.AcceptAsync(connection, s_settings);
        await peer._tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        }).WaitAsync(TransportRig.Patience);
        var result = await accepting.WaitAsync(TransportRig.Patience);
        Assert.True(result.Connection is not null, result.Detail);
        return (result.Connection, peer);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => _tls.WriteAsync(bytes);

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _tls.ReadAsync(buffer);

    /// <summary>close_notify and FIN, as a client that is done sending.</summary>
    public void ShutdownSend()
    {
        _tls.ShutdownAsync().GetAwaiter().GetResult();
        _socket.Shutdown(SocketShutdown.Send);
    }

    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public ValueTask DisposeAsync() => _tls.DisposeAsync();

    private static ListenerTls MakeSettings()
    {
        using var files = new CertificateFolder();
        var chain = new CertificateChain(files.Issue("localhost", "localhost"), [], "localhost.pem", "digest");
        return new ListenerTls(
            new ListenerTlsConfig { Certificates = [new ListenerCertificateConfig(["localhost"], chain)] },
            [SslApplicationProtocol.Http11], new TlsCounters());
    }
}
