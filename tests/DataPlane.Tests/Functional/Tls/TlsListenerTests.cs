using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using DataPlane.Gateway.Transport.Tls;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Tls;

public sealed class TlsListenerTests : IDisposable
{
    private const string Mock = """
        routes: [ { id: mock, match: { path: "/{path+}" }, to: { mock: { body: mocked } } } ]
        """;

    private readonly CertificateFolder _files = new();

    public TlsListenerTests()
    {
        _files.Issue("one", "one.example.com", "*.wild.example.com");
        _files.Issue("two", "two.example.com", "also-two.example.com");
    }

    public void Dispose() => _files.Dispose();

    [Theory]
    [SocketWire]
    public async Task RequestsOnOneConnection_AreServed(Wire wire)
    {
        await using var gateway = await StartAsync(wire, Mock);
        await using var client = await ConnectAsync(gateway, "one.example.com");

        for (int each = 0; each < 3; each++)
        {
            await client.SendAsync("GET /x HTTP/1.1\r\nHost: one.example.com\r\n\r\n");
            var response = await client.ReadResponseAsync();
            Assert.Equal((200, "mocked"), (response.Status, response.Text));
        }
    }

    [Theory]
    [SocketWire]
    public async Task PipelinedRequests_AreAnsweredInOrder(Wire wire)
    {
        await using var gateway = await StartAsync(wire, Mock);
        await using var client = await ConnectAsync(gateway, "one.example.com");

        const string request = "GET /x HTTP/1.1\r\nHost: one.example.com\r\n\r\n";
        await client.SendAsync(string.Concat(Enumerable.Repeat(request, 50)));

        for (int each = 0; each < 50; each++) Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire]
    public async Task HeadInManyRecords_IsPutTogether(Wire wire)
    {
        await using var gateway = await StartAsync(wire, Mock);
        await using var client = await ConnectAsync(gateway, "one.example.com");

        foreach (char c in "GET /x HTTP/1.1\r\nHost: one.example.com\r\n\r\n") await client.SendAsync(c.ToString());

        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire]
    public async Task RecordsInManyPieces_ArePutTogether(Wire wire)
    {
        await using var gateway = await StartAsync(wire, Mock);
        await using var client = await TlsPeer.ConnectAsync(
            gateway.Port, "one.example.com", dribbles: true);

        for (int each = 0; each < 3; each++)
        {
            await client.SendAsync("GET /x HTTP/1.1\r\nHost: one.example.com\r\n\r\n");
            Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
        }
    }

    [Theory]
    [SocketWire]
    public async Task LargeBodiesBothWays_ArriveWhole(Wire wire)
    {
        var gateway = Create(wire);
        var upstream = gateway.Listen();
        await gateway.StartAsync(TestGateway.ProxyTo(upstream.Url));
        await using var owned = gateway;
        await using var client = await ConnectAsync(gateway, "one.example.com");
        byte[] body = new byte[1_500_000];
        new Random(7).NextBytes(body);

        var sending = SendAllAsync(client, body);
        await using var served = await upstream.AcceptAsync();
        var request = await served.ReadRequestAsync();
        await sending;
        await served.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n");
        var answering = served.SendAsync(body);
        var response = await client.ReadResponseAsync();
        await answering;

        Assert.Equal(body, request.Body);
        Assert.Equal(body, response.Body);
        Assert.Equal("https", request.Field("X-Forwarded-Proto"));
    }

    [Theory]
    [SocketWire("one.example.com", "one")]
    [SocketWire("ONE.example.com", "one")]
    [SocketWire("any.wild.example.com", "one")]
    [SocketWire("two.example.com", "two")]
    [SocketWire("unknown.example.org", "one")]
    public async Task ServerName_ChoosesTheCertificate(Wire wire, string serverName, string expected)
    {
        await using var gateway = await StartAsync(wire, Mock);

        await using var client = await ConnectAsync(gateway, serverName);

        Assert.Contains($"CN={expected},", client.Tls.RemoteCertificate!.Subject, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire("two.example.com", "one.example.com", 421)]
    [SocketWire("two.example.com", "elsewhere.example.org", 421)]
    [SocketWire("two.example.com", "also-two.example.com", 200)]
    [SocketWire("two.example.com", "TWO.example.com:443", 200)]
    [SocketWire("one.example.com", "elsewhere.example.org", 200)]
    public async Task HostOfAnotherCertificate_IsMisdirected(Wire wire, string serverName, string host, int expected)
    {
        await using var gateway = await StartAsync(wire, Mock);
        await using var client = await ConnectAsync(gateway, serverName);

        await client.SendAsync($"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.Equal(expected, (await client.ReadResponseAsync()).Status);

        // The connection stays of use for what it was opened for.
        await client.SendAsync($"GET /x HTTP/1.1\r\nHost: {serverName}\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [SocketWire]
    public async Task CloseNotifyBehindARequest_StillGetsTheAnswer(Wire wire)
    {
        await using var gateway = await StartAsync(wire, Mock);
        await using var client = await ConnectAsync(gateway, "one.example.com");

        await client.SendAsync("GET /x HTTP/1.1\r\nHost: one.example.com\r\n\r\n");
        await client.HalfCloseAsync();

        Assert.Equal("mocked", (await client.ReadResponseAsync()).Text);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.False(client.WasReset);
    }

    [Theory]
    [SocketWire]
    public async Task ForgedRecord_EndsTheConnection(Wire wire)
    {
        await using var gateway = await StartAsync(wire, Mock);
        using var socket = await DialAsync(gateway);
        await using var stream = new NetworkStream(socket);
        using var tls = new System.Net.Security.SslStream(stream, false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("one.example.com");

        await stream.WriteAsync("\x17\x03\x03\x00\x20"u8.ToArray().Concat(new byte[32]).ToArray());

        byte[] rest = new byte[1024];
        while (await ReadAsync(socket, rest) > 0)
        {
        }
    }

    [Theory]
    [SocketWire("GET / HTTP/1.1\r\nHost: one.example.com\r\n\r\n")]
    [SocketWire("\x16\x03\x01\xff\xff\xff\xff")]
    [SocketWire("\x17\x03\x03\x00\x01x")]
    public async Task WhatIsNoTls_IsClosedAndCounted(Wire wire, string garbage)
    {
        await using var gateway = await StartAsync(wire, Mock);
        using var socket = await DialAsync(gateway);

        await socket.SendAsync(Encoding.Latin1.GetBytes(garbage));
        socket.Shutdown(SocketShutdown.Send);
        byte[] rest = new byte[1024];
        while (await ReadAsync(socket, rest) > 0)
        {
        }

        await Eventually.HoldsAsync(() => CountersOf(gateway).Failed == 1, "a failed handshake");
    }

    [Theory]
    [SocketWire("")]
    [SocketWire("\x16\x03\x01")]
    public async Task HandshakeThatTakesTooLong_IsClosedAndCounted(Wire wire, string start)
    {
        await using var gateway = await StartAsync(wire, Mock, "handshakeTimeout: 100ms");
        using var socket = await DialAsync(gateway);

        if (start.Length > 0) await socket.SendAsync(Encoding.Latin1.GetBytes(start));
        byte[] rest = new byte[1024];
        while (await ReadAsync(socket, rest) > 0)
        {
        }

        await Eventually.HoldsAsync(() => CountersOf(gateway).FailedBy(TlsFault.TimedOut) == 1, "a timeout counted");
    }

    [Theory]
    [SocketWire]
    public async Task OlderVersionThanTheLeast_IsRefused(Wire wire)
    {
        await using var gateway = await StartAsync(wire, Mock, "minimumVersion: 1.3");

        await Assert.ThrowsAnyAsync<Exception>(
            () => ConnectAsync(gateway, "one.example.com", SslProtocols.Tls12));
        await using var client = await ConnectAsync(gateway, "one.example.com", SslProtocols.Tls13);

        var counters = CountersOf(gateway);
        await Eventually.HoldsAsync(() => counters is { Tls12: 0, Tls13: 1 }, "one handshake by TLS 1.3");
        Assert.Equal(1, counters.FailedBy(TlsFault.Version));
    }

    [Theory]
    [SocketWire]
    public async Task NewCertificate_IsShownAfterAReload_AndNobodyIsInterrupted(Wire wire)
    {
        var gateway = Create(wire);
        await gateway.StartAsync(Mock);
        await using var owned = gateway;
        await using var before = await ConnectAsync(gateway, "one.example.com");
        string former = before.Tls.RemoteCertificate!.GetSerialNumberString();
        using var stop = new CancellationTokenSource();
        var load = Task.Run(() => KeepAskingAsync(gateway, stop.Token));

        for (int each = 0; each < 3; each++)
        {
            _files.Issue("one", "one.example.com");
            await gateway.ReloadAsync(Mock);
            await using var fresh = await ConnectAsync(gateway, "one.example.com");
            string shown = fresh.Tls.RemoteCertificate!.GetSerialNumberString();
            Assert.NotEqual(former, shown);
            former = shown;
        }
        await before.SendAsync("GET /x HTTP/1.1\r\nHost: one.example.com\r\n\r\n");
        Assert.Equal(200, (await before.ReadResponseAsync()).Status);

        await stop.CancelAsync();
        Assert.True(await load > 0);
    }

    private static TlsCounters CountersOf(HostedGateway gateway) =>
        gateway.Snapshot.ListenerTls.Values.Single().Counters;

    private static async Task SendAllAsync(TlsPeer client, byte[] body)
    {
        await client.SendAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"POST /x HTTP/1.1\r\nHost: one.example.com\r\nContent-Length: {body.Length}\r\n\r\n"));
        await client.SendAsync(body);
    }

    /// <summary>New connections and old ones in turn; any failure is the test's.</summary>
    private static async Task<int> KeepAskingAsync(HostedGateway gateway, CancellationToken stop)
    {
        int asked = 0;
        while (!stop.IsCancellationRequested)
        {
            await using var client = await ConnectAsync(gateway, "one.example.com");
            for (int each = 0; each < 5; each++, asked++)
            {
                await client.SendAsync("GET /x HTTP/1.1\r\nHost: one.example.com\r\n\r\n");
                Assert.Equal(200, (await client.ReadResponseAsync()).Status);
            }
        }
        return asked;
    }

    private static async Task<int> ReadAsync(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer).WaitAsync(Eventually.Patience);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task<Socket> DialAsync(HostedGateway gateway)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", gateway.Port);
        return socket;
    }

    private static Task<TlsPeer> ConnectAsync(
        HostedGateway gateway, string serverName, SslProtocols protocols = SslProtocols.None) =>
        TlsPeer.ConnectAsync(gateway.Port, serverName, certificate: null, protocols);

    private HostedGateway Create(Wire wire, string more = "") => new(wire)
    {
        ListenerKeys = $$"""
            tls: { {{(more.Length == 0 ? "" : more + ", ")}}certificates: [
              { certificate: "{{_files.PathOf("one.pem")}}", key: "{{_files.PathOf("one.key")}}" },
              { certificate: "{{_files.PathOf("two.pem")}}", key: "{{_files.PathOf("two.key")}}" } ] }
            """.ReplaceLineEndings(" "),
    };

    private async Task<HostedGateway> StartAsync(Wire wire, string yaml, string more = "")
    {
        var gateway = Create(wire, more);
        await gateway.StartAsync(yaml);
        return gateway;
    }
}
