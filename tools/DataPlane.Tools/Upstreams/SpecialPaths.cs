using System.Globalization;
using System.Text;

namespace DataPlane.Tools.Upstreams;

/// <summary>
/// What the fake does on the paths that make trouble. Each answer returns whether the connection may go on.
/// </summary>
internal static class SpecialPaths
{
    private static readonly Dictionary<string, Func<FakeExchange, int, CancellationToken, Task<bool>>> s_answers =
        new(StringComparer.Ordinal)
        {
            ["status"] = StatusAsync,
            ["delay"] = DelayAsync,
            ["bytes"] = BytesAsync,
            ["chunked"] = ChunkedAsync,
            ["slow"] = SlowAsync,
            ["close"] = CloseDelimitedAsync,
            ["drop"] = (_, _, _) => Task.FromResult(false),
            ["reset"] = ResetAsync,
            ["early"] = EarlyAsync,
            ["continue"] = ContinueAsync,
            ["informational"] = InformationalAsync,
            ["garbage"] = GarbageAsync,
            ["cl-te"] = BothFramingsAsync,
            ["echo"] = EchoAsync,
            ["hang"] = HangAsync,
        };

    private static readonly int[] s_oddChunkBytes = [1, 7, 31, 509, 4099, 13];

    /// <summary>The answer for a target such as <c>/bytes/100?x=1</c>; null when the path is an ordinary one.</summary>
    public static Func<FakeExchange, CancellationToken, Task<bool>>? Find(string target)
    {
        var segments = target.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length is 0 or > 2 || !s_answers.TryGetValue(segments[0], out var answer))
            return null;
        var number = 0;
        if (segments.Length == 2
            && !int.TryParse(segments[1], NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return null;
        return (exchange, cancellationToken) => answer(exchange, number, cancellationToken);
    }

    private static async Task<bool> StatusAsync(FakeExchange exchange, int status, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        var content = string.Create(CultureInfo.InvariantCulture, $"status {status}\n");
        return await exchange.SendAsync(status, "text/plain", Encoding.Latin1.GetBytes(content), cancellationToken);
    }

    private static async Task<bool> DelayAsync(FakeExchange exchange, int delayMs, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        await Task.Delay(delayMs, cancellationToken);
        return await exchange.SendAsync(200, "text/plain", "late\n"u8.ToArray(), cancellationToken);
    }

    private static async Task<bool> BytesAsync(FakeExchange exchange, int count, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        return await exchange.SendAsync(200, "application/octet-stream", Pattern(count), cancellationToken);
    }

    private static async Task<bool> ChunkedAsync(FakeExchange exchange, int count, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        await exchange.StartAsync(length: null, cancellationToken);
        if (exchange.Request.Method == "HEAD")
            return exchange.WantsKeepAlive;
        var content = Pattern(count);
        for (int sent = 0, turn = 0; sent < count; turn++)
        {
            var size = Math.Min(s_oddChunkBytes[turn % s_oddChunkBytes.Length], count - sent);
            await exchange.WriteChunkAsync(content[sent..(sent + size)], cancellationToken);
            sent += size;
        }

        await exchange.WriteAsync("0\r\n\r\n", cancellationToken);
        return exchange.WantsKeepAlive;
    }

    private static async Task<bool> SlowAsync(FakeExchange exchange, int count, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        await exchange.StartAsync(count, cancellationToken);
        foreach (var one in Pattern(exchange.Request.Method == "HEAD" ? 0 : count))
        {
            await exchange.WriteAsync([one], cancellationToken);
            await Task.Delay(10, cancellationToken);
        }

        return exchange.WantsKeepAlive;
    }

    private static async Task<bool> CloseDelimitedAsync(
        FakeExchange exchange, int count, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", cancellationToken);
        if (exchange.Request.Method != "HEAD")
            await exchange.WriteAsync(count > 0 ? Pattern(count) : "until the end\n"u8.ToArray(), cancellationToken);
        return false;
    }

    private static async Task<bool> ResetAsync(FakeExchange exchange, int _, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        exchange.Connection.Reset();
        return false;
    }

    private static async Task<bool> EarlyAsync(FakeExchange exchange, int _, CancellationToken cancellationToken)
    {
        await exchange.WriteAsync(
            "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", cancellationToken);
        await exchange.Connection.CloseGentlyAsync(cancellationToken);
        return false;
    }

    private static async Task<bool> ContinueAsync(FakeExchange exchange, int _, CancellationToken cancellationToken)
    {
        if (!exchange.Request.HasToken("Expect", "100-continue"))
            await exchange.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n", cancellationToken);
        var body = await exchange.ReadBodyAsync(cancellationToken);
        return await exchange.SendAsync(200, "application/octet-stream", body, cancellationToken);
    }

    private static async Task<bool> InformationalAsync(
        FakeExchange exchange, int _, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        await exchange.WriteAsync(
            "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n", cancellationToken);
        return await exchange.SendAsync(200, "text/plain", "after hints\n"u8.ToArray(), cancellationToken);
    }

    private static async Task<bool> GarbageAsync(FakeExchange exchange, int _, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        await exchange.WriteAsync("HTP/1.1 2oo OK\r\nNo colon here\r\n\r\n", cancellationToken);
        return false;
    }

    private static async Task<bool> BothFramingsAsync(FakeExchange exchange, int _, CancellationToken cancellationToken)
    {
        await exchange.ReadBodyAsync(cancellationToken);
        await exchange.WriteAsync(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            cancellationToken);
        return exchange.WantsKeepAlive;
    }

    /// <summary>Sends each piece back before it asks for the next one: both directions move at once.</summary>
    private static async Task<bool> EchoAsync(FakeExchange exchange, int _, CancellationToken cancellationToken)
    {
        if (exchange.Request.HasToken("Expect", "100-continue"))
            await exchange.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n", cancellationToken);
        var length = exchange.Body.AnnouncedLength;
        await exchange.StartAsync(length, cancellationToken);
        using var seen = new MemoryStream();
        while (await exchange.Body.ReadAsync(cancellationToken) is { Length: > 0 } piece)
        {
            seen.Write(piece);
            if (exchange.Request.Method == "HEAD")
                continue;
            if (length is null)
                await exchange.WriteChunkAsync(piece, cancellationToken);
            else
                await exchange.WriteAsync(piece, cancellationToken);
        }

        exchange.CompleteRecord(seen.ToArray());
        if (length is null && exchange.Request.Method != "HEAD")
            await exchange.WriteAsync("0\r\n\r\n", cancellationToken);
        return exchange.WantsKeepAlive;
    }

    private static async Task<bool> HangAsync(FakeExchange exchange, int _, CancellationToken cancellationToken)
    {
        await exchange.Connection.ReadToEndAsync(cancellationToken);
        return false;
    }

    /// <summary>Bytes that differ from their neighbours, so that a lost or doubled piece shows.</summary>
    private static byte[] Pattern(int count)
    {
        var bytes = new byte[count];
        for (var index = 0; index < count; index++)
            bytes[index] = (byte)('a' + index % 23);
        return bytes;
    }
}
