using System.Globalization;
using System.Net;
using System.Text;

namespace DataPlane.Tools.Upstreams;

/// <summary>One request being answered by the fake: what arrived, and the ways to answer it.</summary>
internal sealed class FakeExchange(
    AcceptedConnection connection, ReceivedRequest request, NaiveBodyReader body, NaiveByteReader reader)
{
    public AcceptedConnection Connection => connection;

    public ReceivedRequest Request => request;

    public NaiveBodyReader Body => body;

    /// <summary>Whether the connection may serve another request after this one (RFC 9112 section 9.3).</summary>
    public bool WantsKeepAlive =>
        request.Version == "HTTP/1.0"
            ? request.HasToken("Connection", "keep-alive")
            : !request.HasToken("Connection", "close");

    /// <summary>Reads the body and completes the record; sends 100 first when the client waits for it.</summary>
    public async Task<byte[]> ReadBodyAsync(CancellationToken cancellationToken)
    {
        if (request.HasToken("Expect", "100-continue"))
            await WriteAsync("HTTP/1.1 100 Continue\r\n\r\n", cancellationToken);
        var bytes = await body.ReadAllAsync(cancellationToken);
        CompleteRecord(bytes);
        return bytes;
    }

    public void CompleteRecord(byte[] content) => request.Complete(reader.PeekRecorded(), content);

    /// <summary>A whole answer with Content-Length; HEAD, 204 and 304 go without their body.</summary>
    public async Task<bool> SendAsync(int status, string type, byte[] content, CancellationToken cancellationToken)
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {Reason(status)}\r\n");
        if (status is not (204 or 304))
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: {type}\r\nContent-Length: {content.Length}\r\n");
        var hasBody = status is not (204 or 304) && request.Method != "HEAD";
        // In one write: an upstream killed between two would have begun an answer, which nobody can save.
        await WriteAsync(hasBody ? [.. Latin1(Finish(head)), .. content] : Latin1(Finish(head)), cancellationToken);
        return WantsKeepAlive;
    }

    /// <summary>The head of a chunked answer, or of one with a length when it is given.</summary>
    public Task StartAsync(long? length, CancellationToken cancellationToken)
    {
        var framing = length is null
            ? "Transfer-Encoding: chunked\r\n"
            : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        var head = new StringBuilder("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n").Append(framing);
        return WriteAsync(Finish(head), cancellationToken);
    }

    public async Task WriteChunkAsync(byte[] piece, CancellationToken cancellationToken)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"{piece.Length:x}\r\n");
        await WriteAsync([.. Encoding.Latin1.GetBytes(size), .. piece, .. "\r\n"u8], cancellationToken);
    }

    public Task WriteAsync(string text, CancellationToken cancellationToken) =>
        WriteAsync(Latin1(text), cancellationToken);

    public async Task WriteAsync(byte[] bytes, CancellationToken cancellationToken) =>
        await connection.Stream.WriteAsync(bytes, cancellationToken);

    private static string Reason(int status)
    {
        var name = Enum.GetName((HttpStatusCode)status) ?? "Status";
        return string.Concat(name.Select((one, index) =>
            index > 0 && char.IsUpper(one) && char.IsLower(name[index - 1]) ? $" {one}" : $"{one}"));
    }

    private string Finish(StringBuilder head) =>
        head.Append(WantsKeepAlive ? "\r\n" : "Connection: close\r\n\r\n").ToString();

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);
}
