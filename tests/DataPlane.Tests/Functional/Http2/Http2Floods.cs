using System.Net.Sockets;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>
/// What attackers of HTTP/2 send, each a few thousand times on one connection or until the gateway has had enough.
/// </summary>
internal static class Http2Floods
{
    private const int Flood = 3000;
    private const int CancelCode = 0x8;
    private const int InitialWindow = 4;

    /// <summary>Each ends its connection.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Http2Client, Task>> All =
        new Dictionary<string, Func<Http2Client, Task>>(StringComparer.Ordinal)
        {
            ["resets"] = client => RepeatAsync(async () =>
            {
                int stream = await client.OpenAsync(Get);
                await client.SendAsync(Frame.Reset, 0, stream, Frame.Bytes(CancelCode));
            }),
            ["resets of nothing"] = client => RepeatAsync(() => ResetAsync(client)),
            ["empty heads"] = client => RepeatAsync(() => client.HeadAsync([])),
            ["one head without end"] = client => BeginHeadAsync(client, new byte[] { 0, 1, (byte)'a', 1, (byte)'b' }),
            ["one empty head without end"] = client => BeginHeadAsync(client, []),
            ["table sizes"] = client => RepeatAsync(() => client.HeadAsync([.. TableSizes(4000), .. Hpack.Write(Get)])),
            ["table sizes in pieces"] = async client =>
            {
                await client.SendAsync(Frame.Headers, Frame.EndStream | Frame.Padded, 1, [4, 0, 0, 0, 0]);
                await RepeatAsync(() => client.SendAsync(Frame.Continuation, 0, 1, TableSizes(4000)));
            },
            ["fields into the table"] = client => RepeatAsync(() => client.HeadAsync(
                [.. Hpack.Write(Get), .. Insertions(400)])),
            ["one field many times"] = client => RepeatAsync(() => client.HeadAsync(
                [.. Hpack.Write(Get), .. LargeField(), .. Enumerable.Repeat((byte)(0x80 | 62), 12_000)])),
            ["pings"] = client => RepeatAsync(() => client.SendAsync(Frame.Ping, 0, 0, new byte[8])),
            ["settings"] = client => RepeatAsync(() => client.SendAsync(Frame.Settings, 0, 0, Settings(200))),
            ["settings acknowledged"] = client => RepeatAsync(() => client.SendAsync(Frame.Settings, Frame.Ack, 0)),
            ["empty data"] = client => OnStreamAsync(client, stream => client.SendAsync(Frame.Data, 0, stream)),
            ["padded empty data"] = client => OnStreamAsync(
                client, stream => client.SendAsync(Frame.Data, Frame.Padded, stream, [1, 0])),
            ["window updates"] = client => RepeatAsync(
                () => client.SendAsync(Frame.WindowUpdate, 0, 0, Frame.Bytes(1))),
            ["window updates of a stream"] = client => OnStreamAsync(
                client, stream => client.SendAsync(Frame.WindowUpdate, 0, stream, Frame.Bytes(1))),
            ["priorities"] = client => RepeatAsync(() => client.SendAsync(Frame.Priority, 0, 1, 0, 0, 0, 3, 16)),
            ["goaways"] = client => OnStreamAsync(client, _ => client.SendAsync(Frame.GoAway, 0, 0, new byte[8])),
            ["unknown frames"] = client => RepeatAsync(() => client.SendAsync(0x77, 0, 0, new byte[300])),
            ["trailers"] = client => RepeatAsync(async () =>
            {
                int stream = await client.OpenAsync(Post, ends: false);
                byte[] trailers = Hpack.Write([.. Enumerable.Range(0, 900).Select(n => ($"x-{n}", "some value"))]);
                await client.SendAsync(Frame.Headers, Frame.EndHeaders | Frame.EndStream, stream, trailers);
            }),
        };

    /// <summary>So many streams, whose answers the client leaves no room for.</summary>
    public static async Task StallAsync(Http2Client client, int streams)
    {
        await client.SendAsync(Frame.Settings, 0, 0, [0, InitialWindow, .. Frame.Bytes(0)]);
        try
        {
            for (int each = 0; each < streams; each++) await client.OpenAsync(Get);
        }
        catch (Exception ended) when (ended is IOException or SocketException)
        {
            // As in a flood.
        }
    }

    private static (string Name, string Value)[] Get => Http2Client.Request("GET", "/mock");

    private static (string Name, string Value)[] Post => Http2Client.Request("POST", "/mock");

    /// <summary>Sends until it has sent them all, or the other side has had enough.</summary>
    private static async Task RepeatAsync(Func<Task> send)
    {
        try
        {
            for (int each = 0; each < Flood; each++) await send();
        }
        catch (Exception ended) when (ended is IOException or SocketException)
        {
            // Closed under our hands, as it should be.
        }
    }

    private static async Task OnStreamAsync(Http2Client client, Func<int, Task> send)
    {
        int stream = await client.OpenAsync(Post, ends: false);
        await RepeatAsync(() => send(stream));
    }

    private static async Task ResetAsync(Http2Client client)
    {
        int stream = await client.OpenAsync(Get);
        for (int each = 0; each < 3; each++)
            await client.SendAsync(Frame.Reset, 0, stream, Frame.Bytes(CancelCode));
    }

    private static async Task BeginHeadAsync(Http2Client client, byte[] piece)
    {
        await client.SendAsync(Frame.Headers, Frame.EndStream, 1, Hpack.Write(Get));
        await RepeatAsync(() => client.SendAsync(Frame.Continuation, 0, 1, piece));
    }

    /// <summary>To nothing and back to 4 KiB, so often.</summary>
    private static byte[] TableSizes(int times) =>
        [.. Enumerable.Repeat((byte[])[0x20, 0x3f, 0xe1, 0x1f], times).SelectMany(each => each)];

    /// <summary>Each a small new entry of the dynamic table.</summary>
    private static byte[] Insertions(int count) =>
        [.. Enumerable.Repeat((byte[])[0x40, 1, (byte)'a', 1, (byte)'b'], count).SelectMany(each => each)];

    private static byte[] LargeField()
    {
        byte[] large = Hpack.Write(("a", new string('b', 3900)));
        large[0] = 0x40;
        return large;
    }

    private static byte[] Settings(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(n => (byte[])[0, InitialWindow, .. Frame.Bytes(n)])];
}
