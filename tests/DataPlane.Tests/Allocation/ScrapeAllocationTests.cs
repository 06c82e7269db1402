using System.Net;
using System.Net.Sockets;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Allocation;

/// <summary>
/// Bytes the whole process allocates per scrape, Kestrel's part and the client's included: what is measured by scraping
/// must not be the scrape.
/// </summary>
[Collection(AllocationCollection.Name)]
public sealed class ScrapeAllocationTests(AllocationRig rig)
{
    private const int Scrapes = 200;

    private readonly byte[] _request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();
    private readonly byte[] _answer = new byte[1 << 20];

    [LinuxFact]
    public void ScrapeOverAWarmConnection_AllocatesLessThanTwoKilobytes()
    {
        using var client = Connect();
        Assert.InRange(Measure(() => Scrape(client)), 1, 2 * 1024);
    }

    [LinuxFact]
    public void ScrapeOverItsOwnConnection_AllocatesLittleMoreThanTheConnection() =>
        Assert.InRange(
            Measure(() =>
            {
                using var client = Connect();
                Scrape(client);
            }),
            1, 16 * 1024);

    /// <summary>The least of several batches: the runner and timers allocate beside it.</summary>
    private static double Measure(Action scrape)
    {
        for (int each = 0; each < Scrapes; each++) scrape();
        double least = double.MaxValue;
        for (int batch = 0; batch < 4; batch++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int each = 0; each < Scrapes; each++) scrape();
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Scrapes);
        }
        return least;
    }

    private Socket Connect()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.Loopback, rig.AdminPort);
        return client;
    }

    private void Scrape(Socket client)
    {
        client.Send(_request);
        int length = 0;
        // The last chunk of a chunked body (RFC 9112 7.1).
        while (length < 5 || !_answer.AsSpan(0, length).EndsWith("0\r\n\r\n"u8))
        {
            int received = client.Receive(_answer.AsSpan(length));
            Assert.NotEqual(0, received);
            length += received;
        }
        Assert.True(_answer.AsSpan(0, length).IndexOf("dataplane_build_info"u8) > 0);
    }
}
