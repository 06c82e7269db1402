using System.Buffers.Text;
using System.Text;

namespace DataPlane.Benchmarks;

/// <summary>Messages of the sizes that clients and upstreams really send.</summary>
internal static class SampleMessages
{
    /// <summary>45 bytes: what a load generator of the simplest kind sends.</summary>
    public static byte[] SmallRequest { get; } = Bytes("GET /users/1 HTTP/1.1\r\nHost: localhost:80\r\n\r\n");

    /// <summary>About 430 bytes in ten fields: a browser calling an API.</summary>
    public static byte[] TypicalRequest { get; } = Request("GET", "/users/42");

    /// <summary>As <see cref="TypicalRequest"/>, with a token that has claims.</summary>
    public static byte[] BearerRequest { get; } = Bytes(Encoding.ASCII.GetString(TypicalRequest).Replace(
        "0123456789abcdef0123456789abcdef\r\nCookie",
        "eyJhbGciOiJSUzI1NiJ9." + Base64Url.EncodeToString(
            """{"iss":"https://id.example.com/","aud":["orders","users"],"exp":1800000000,"sub":"user-4711"}"""u8)
        + ".c2lnbmF0dXJl\r\nCookie",
        StringComparison.Ordinal));

    /// <summary>The fields most servers send, around a body of 128 bytes.</summary>
    public static byte[] TypicalResponseHead { get; } = ResponseHead("Content-Length: 128");

    public static byte[] TypicalResponse { get; } = [.. TypicalResponseHead, .. Body(128)];

    /// <summary>A request as long as <see cref="TypicalRequest"/>, for another method and path.</summary>
    public static byte[] Request(string method, string path, string framing = "") => Bytes(
        $"{method} {path} HTTP/1.1\r\n"
        + "Host: api.example.com\r\n"
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
        + "Accept: application/json, text/plain, */*\r\n"
        + "Accept-Language: en-GB,en;q=0.9\r\n"
        + "Accept-Encoding: gzip, deflate, br\r\n"
        + "Referer: https://shop.example.com/orders\r\n"
        + "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\n"
        + "Cookie: session=0123456789abcdef\r\n"
        + "Sec-Fetch-Mode: cors\r\n"
        + "Connection: keep-alive\r\n"
        + (framing.Length == 0 ? "" : $"{framing}\r\n")
        + "\r\n");

    public static byte[] ResponseHead(string framing) => Bytes(
        "HTTP/1.1 200 OK\r\n"
        + "Server: nginx/1.22.1\r\n"
        + "Date: Sat, 21 Nov 2026 20:00:00 GMT\r\n"
        + "Content-Type: application/json; charset=utf-8\r\n"
        + $"{framing}\r\n"
        + "Connection: keep-alive\r\n"
        + "Cache-Control: no-cache\r\n"
        + "ETag: \"686897696a7c876b7e\"\r\n"
        + "Vary: Accept-Encoding\r\n"
        + "\r\n");

    /// <summary>Printable, and never CR or LF: a body can not be taken for framing.</summary>
    public static byte[] Body(int length)
    {
        var body = new byte[length];
        body.AsSpan().Fill((byte)'b');
        return body;
    }

    /// <summary>As many chunks of one size, the last chunk, no trailers.</summary>
    public static byte[] Chunked(int chunks, int chunkBytes)
    {
        var body = new List<byte>();
        for (var chunk = 0; chunk < chunks; chunk++)
            body.AddRange([.. Bytes($"{chunkBytes:x}\r\n"), .. Body(chunkBytes), .. "\r\n"u8]);
        return [.. body, .. "0\r\n\r\n"u8];
    }

    public static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
