using System.Diagnostics;
using DataPlane.Tests.Functional.Tunnels;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Allocation;

/// <summary>
/// Bytes the whole process allocates per request once the gateway is warm, over real sockets: transport, exchange,
/// metrics and access log together. Clients and upstream are in the process too, and allocate nothing.
/// </summary>
[Collection(AllocationCollection.Name)]
public sealed class GatewayAllocationTests(AllocationRig rig)
{
    private const int Connections = 4;

    /// <summary>Something of Kestrel's timer or the runner's may fall into a batch, hardly into all of them.</summary>
    private const int Batches = 20;

    private const int RequestsPerBatch = 4_000;

    // One object is 24 bytes at least; what else the process does on a busy machine comes to one or so.
    private const double MaxBytesPerRequest = 2;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    private static readonly string s_fields =
        "Host: api.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: application/json\r\n"
        + "Accept-Encoding: gzip, br\r\nCookie: session=0123456789abcdef\r\n";

    [LinuxFact]
    public void Mock_AllocatesNothing() => AssertAllocatesNothing(Get("/ping"), 200, "\r\n\r\npong");

    [LinuxFact]
    public void UnknownPath_AllocatesNothing() => AssertAllocatesNothing(Get("/nobody/here"), 404, "\"}");

    [LinuxFact]
    public void RefusalOfARateLimit_AllocatesNothing()
    {
        // The one that is granted.
        using (var first = new CannedClient(rig.Port, Get("/limited"), 200)) first.Learn();
        AssertAllocatesNothing(Get("/limited"), 429, "\"}");
    }

    [LinuxTheory]
    [InlineData("", 200, "\r\n\r\nbbb")]
    [InlineData("If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n", 304, "; hit")]
    [InlineData("Range: bytes=0-1\r\n", 206, "\r\n\r\nbb")]
    public void CacheHit_AllocatesNothing(string fields, int status, string answerPart)
    {
        using (var first = new CannedClient(rig.Port, Get("/cached/1"), 200)) first.Learn();
        AssertAllocatesNothing(Get("/cached/1").Insert(Get("/cached/1").Length - 2, fields), status, answerPart);
    }

    [LinuxFact]
    public void LargeCacheHit_AllocatesNothing()
    {
        using (var first = new CannedClient(rig.Port, Get("/cached-large"), 200)) first.Learn();
        AssertAllocatesNothing(Get("/cached-large"), 200, new string('b', CannedUpstream.LargeBytes));
    }

    /// <summary>Each round: a change takes out what is stored, one fetches it anew, the others wait for that.</summary>
    [LinuxFact]
    public void CoalescedFollower_AllocatesNothing()
    {
        string path = CannedUpstream.HeldPath + "/1";
        using var change = new CannedClient(rig.Port, Post(path), 200);
        change.Learn();
        var herd = new CannedClient[Connections];
        for (int each = 0; each < Connections; each++) herd[each] = new CannedClient(rig.Port, Get(path), 200);
        int rounds = 0;
        Ask();
        Assert.Contains("; fwd=uri-miss; stored", herd[0].LearnAnswer(), StringComparison.Ordinal);
        foreach (var follower in herd.Skip(1))
            Assert.Contains("; collapsed", follower.LearnAnswer(), StringComparison.Ordinal);
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed < s_warmUp) Serve(10);

        double bytes = BytesPerRequest(Serve);

        foreach (var client in herd) client.Dispose();
        Console.WriteLine($"allocated per request: {bytes:0.000} B, one of {Connections} fetches for all");
        Assert.InRange(bytes, 0, MaxBytesPerRequest);

        void Serve(int count)
        {
            for (int round = 0; round < count; round++)
            {
                change.Send();
                change.Receive();
                Ask();
                foreach (var client in herd) client.Receive();
            }
        }

        void Ask()
        {
            int held = rig.Held;
            // One request upstream a round.
            if (held != rounds++) Assert.Fail($"{held} requests upstream in {rounds} rounds");
            herd[0].Send();
            while (rig.Held == held) Thread.Yield();
            foreach (var follower in herd.AsSpan(1)) follower.Send();
            while (rig.Waiting < Connections - 1) Thread.Yield();
            rig.LetGo();
        }
    }

    [LinuxFact]
    public void Redirect_AllocatesNothing() => AssertAllocatesNothing(Get("/old/42"), 308, "\r\n\r\n");

    [LinuxFact]
    public void ProxiedGet_AllocatesNothing() => AssertProxiedAllocatesNothing(Get("/items/42"), "\r\n\r\nbbb");

    [LinuxFact]
    public void ProxiedPost_AllocatesNothing() => AssertProxiedAllocatesNothing(
        Post("/items/42"), "\r\n\r\nbbb");

    [LinuxFact]
    public void ProxiedLargeResponse_AllocatesNothing() => AssertProxiedAllocatesNothing(
        Get(CannedUpstream.LargePath), new string('b', CannedUpstream.LargeBytes));

    [LinuxTheory]
    [InlineData(32)]
    [InlineData(20_000)]
    public void WebSocketMessage_AllocatesNothing(int payloadBytes)
    {
        var message = TunnelPair.Frame(2, new byte[payloadBytes], mask: 1);
        var tunnels = new CannedTunnel[Connections];
        for (var each = 0; each < Connections; each++) tunnels[each] = new CannedTunnel(rig.Port, "/items/42", message);
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed < s_warmUp) Exchange(10);

        var bytes = BytesPerRequest(Exchange);

        foreach (var tunnel in tunnels) tunnel.Dispose();
        Console.WriteLine($"allocated per message: {bytes:0.000} B, {payloadBytes} B and back");
        Assert.InRange(bytes, 0, MaxBytesPerRequest);

        void Exchange(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                foreach (var tunnel in tunnels) tunnel.Send();
                foreach (var tunnel in tunnels) tunnel.Receive();
            }
        }
    }

    [Fact]
    public void Counter_SeesOneObjectPerRequest()
    {
        object[] kept = new object[RequestsPerBatch];
        var bytes = BytesPerRequest(rounds =>
        {
            for (var each = 0; each < rounds * Connections; each++) kept[each] = new object();
        });
        // Contexts of 8 KB are handed to other threads meanwhile; two objects would be 48.
        Assert.InRange(bytes, 24, 40);
    }

    private static string Get(string path) => $"GET {path} HTTP/1.1\r\n{s_fields}\r\n";

    private static string Post(string path) =>
        $"POST {path} HTTP/1.1\r\n{s_fields}Content-Length: {CannedUpstream.PostBytes}\r\n\r\n"
        + new string('p', CannedUpstream.PostBytes);

    private void AssertProxiedAllocatesNothing(string request, string answerPart)
    {
        int before = rig.UpstreamConnections;
        AssertAllocatesNothing(request, 200, answerPart);
        // The pools are per loop, and no request waits longer than for the others of its round.
        Assert.InRange(rig.UpstreamConnections - before, 0, 2 * Connections);
    }

    private void AssertAllocatesNothing(string request, int status, string answerPart)
    {
        var clients = new CannedClient[Connections];
        for (var each = 0; each < Connections; each++)
        {
            clients[each] = new CannedClient(rig.Port, request, status);
            Assert.Contains(answerPart, clients[each].Learn(), StringComparison.Ordinal);
        }
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed < s_warmUp) Serve(clients, 10);
        var logBytes = rig.LogBytes;

        var bytes = BytesPerRequest(rounds => Serve(clients, rounds));

        foreach (var client in clients) client.Dispose();
        var line = request[..request.IndexOf('\r')];
        Console.WriteLine($"allocated per request: {bytes:0.000} B, {line}");
        Assert.InRange(bytes, 0, MaxBytesPerRequest);
        Assert.True(rig.LogBytes > logBytes, "requests are logged while they are measured");
    }

    /// <summary>All connections have a request under way at once, on whichever loops the kernel gave them to.</summary>
    private static void Serve(CannedClient[] clients, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var client in clients) client.Send();
            foreach (var client in clients) client.Receive();
        }
    }

    /// <summary>The least of some batches, up to the first without an object per request.</summary>
    private static double BytesPerRequest(Action<int> serve)
    {
        var least = double.MaxValue;
        for (var batch = 0; batch < Batches && least > MaxBytesPerRequest; batch++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            serve(RequestsPerBatch / Connections);
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            least = Math.Min(least, allocated / (double)RequestsPerBatch);
        }
        return least;
    }
}
