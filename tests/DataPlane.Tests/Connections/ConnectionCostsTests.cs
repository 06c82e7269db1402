using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Http2;

namespace DataPlane.Tests.Connections;

/// <summary>What connections are reckoned to cost is what they take, give or take a factor of two.</summary>
[Collection(FloodCollection.Name)]
public sealed class ConnectionCostsTests
{
    private const int Connections = 200;
    private const string Mock = "routes: [ { match: { path: /mock }, to: { mock: { body: mocked } } } ]";

    [Theory]
    [SocketWire]
    public async Task Http1Connection_TakesWhatItIsReckonedAt(Wire wire)
    {
        byte[] request = Encoding.ASCII.GetBytes("GET /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        AssertNear(ConnectionCosts.Connection, await MeasureAsync(wire, request));
    }

    [Theory]
    [SocketWire]
    public async Task Http2Connection_TakesWhatItIsReckonedAt_WithItsStreams(Wire wire)
    {
        long one = await MeasureAsync(wire, Http2(streams: 1));
        long many = await MeasureAsync(wire, Http2(streams: 30));
        AssertNear(ConnectionCosts.Http2Connection + ConnectionCosts.Http2Stream, one);
        AssertNear(ConnectionCosts.Http2Stream, (many - one) / 29);
    }

    [Fact]
    public void Exchange_TakesWhatItIsReckonedAt()
    {
        using var loops = new LoopSet(1, _ => new PortableEngine(), TimeProvider.System);
        var turns = new Http2Turn[1000];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int each = 0; each < turns.Length; each++) turns[each] = new Http2Turn(loops[0]);
        long bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / turns.Length;
        GC.KeepAlive(turns);
        AssertNear(ConnectionCosts.Exchange, bytes);
    }

    /// <summary>Bytes a connection that such an opening has come on, which all else has been answered on.</summary>
    private static async Task<long> MeasureAsync(Wire wire, byte[] opening)
    {
        await using var gateway = (HostedGateway)TestGateway.Create(wire);
        await gateway.StartAsync(Mock);
        // What the first ones make is there for all.
        await OpenAsync(gateway, opening, 20);
        await Eventually.HoldsAsync(() => gateway.Open == 0, "no connection");
        long before = Settled();
        long after = 0;
        await OpenAsync(gateway, opening, Connections, () => after = GC.GetTotalMemory(forceFullCollection: true));
        return (after - before) / Connections;
    }

    /// <summary>Bytes in use, once what other tests have left is gone: finalizers take several rounds.</summary>
    private static long Settled()
    {
        long before = long.MaxValue;
        for (long now; (now = GC.GetTotalMemory(forceFullCollection: true)) < before - 4096; before = now)
            GC.WaitForPendingFinalizers();
        return before;
    }

    private static async Task OpenAsync(HostedGateway gateway, byte[] opening, int count, Action? whenOpen = null)
    {
        var sockets = new List<Socket>(count);
        byte[] answer = new byte[16 * 1024];
        for (int each = 0; each < count; each++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            socket.Connect(IPAddress.Loopback, gateway.Port);
            socket.Send(opening);
            socket.Receive(answer);
        }
        await Eventually.HoldsAsync(() => gateway.Open == count && gateway.Connections.Active == 0, "all idle");
        whenOpen?.Invoke();
        sockets.ForEach(static socket => socket.Dispose());
    }

    /// <summary>Streams whose answers have no room stay, with nothing of ours.</summary>
    private static byte[] Http2(int streams) =>
    [
        .. Encoding.ASCII.GetBytes(Http2Client.Preface),
        .. new Frame(Frame.Settings, 0, 0, [0, 4, 0, 0, 0, 0]).ToBytes(),
        .. Enumerable.Range(0, streams).SelectMany(each => new Frame(
            Frame.Headers, Frame.EndHeaders | Frame.EndStream, (each * 2) + 1,
            Hpack.Write(Http2Client.Request("GET", "/mock"))).ToBytes()),
    ];

    private static void AssertNear(long reckoned, long measured) =>
        Assert.True(measured > reckoned / 2 && measured < reckoned * 2, $"reckoned {reckoned}, measured {measured}");
}
