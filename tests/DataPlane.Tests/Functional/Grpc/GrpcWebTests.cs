using System.Text;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Http2;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Tests.Functional.Grpc;

/// <summary>Calls of browsers over HTTP/1.1, which the upstream sees as gRPC.</summary>
public sealed class GrpcWebTests
{
    // A message of five bytes.
    private static readonly byte[] s_message = [0, 0, 0, 0, 5, .. "hello"u8];

    [Theory]
    [SocketWire("application/grpc-web+proto", "application/grpc-web+proto")]
    [SocketWire("application/grpc-web", "application/grpc-web")]
    public async Task Call_HasItsTrailersInTheBody(Wire wire, string type, string answerType)
    {
        await using var upstream = await Http2Upstream.StartAsync(EchoAsync);
        await using var gateway = await StartAsync(wire, upstream.Url);
        var answer = await gateway.AskAsync(
            $"POST /test.Calls/Echo HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nContent-Length: 10\r\n\r\n"
            + Encoding.Latin1.GetString(s_message));

        Assert.Equal(200, answer.Status);
        Assert.Equal(answerType, answer.Field("Content-Type"));
        Assert.StartsWith(Encoding.Latin1.GetString(s_message) + "\x80\0\0\0", answer.Text);
        Assert.Contains("grpc-message: fine\r\n", answer.Text);
        Assert.Contains("grpc-status: 0\r\n", answer.Text);
    }

    [Theory]
    [SocketWire(1)]
    [SocketWire(3)]
    [SocketWire(1000)]
    public async Task TextCall_IsBase64BothWays(Wire wire, int step)
    {
        await using var upstream = await Http2Upstream.StartAsync(EchoAsync);
        await using var gateway = await StartAsync(wire, upstream.Url);
        await using var client = await gateway.ConnectAsync();
        // Two pieces, each padded for itself.
        string body = Convert.ToBase64String(s_message[..7]) + Convert.ToBase64String(s_message[7..]);
        await client.SendAsync(
            "POST /test.Calls/Echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc-web-text+proto\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n");
        for (int at = 0; at < body.Length; at += step)
            await client.SendAsync(body[at..Math.Min(body.Length, at + step)]);
        var answer = await client.ReadResponseAsync();

        Assert.Equal("application/grpc-web-text+proto", answer.Field("Content-Type"));
        string text = Decode(answer.Text);
        Assert.StartsWith(Encoding.Latin1.GetString(s_message) + "\x80\0\0\0", text);
        Assert.Contains("grpc-status: 0\r\n", text);
    }

    [Theory]
    [SocketWire]
    public async Task TextThatIsNoBase64_IsRefused(Wire wire)
    {
        await using var upstream = await Http2Upstream.StartAsync(EchoAsync);
        await using var gateway = await StartAsync(wire, upstream.Url);
        var answer = await gateway.AskAsync(
            "POST /test.Calls/Echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc-web-text\r\n"
            + "Content-Length: 8\r\n\r\nAAAA!!!!");
        Assert.Equal(200, answer.Status);
        Assert.Equal("13", answer.Field("grpc-status"));
    }

    [Theory]
    [SocketWire("application/grpc-web", "/nowhere", "12")]
    [SocketWire("application/grpc-web-text", "/nowhere", "12")]
    [SocketWire("application/grpc-web", "/test.Calls/Echo", "14")]
    public async Task FailureOfOurs_IsAStatusInTheHead(Wire wire, string type, string path, string status)
    {
        string url;
        await using (var gone = await Http2Upstream.StartAsync(_ => Task.CompletedTask)) url = gone.Url;
        await using var gateway = await StartAsync(wire, url);
        var answer = await gateway.AskAsync(
            $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(200, answer.Status);
        Assert.Equal(type, answer.Field("Content-Type"));
        Assert.Equal(status, answer.Field("grpc-status"));
        Assert.NotNull(answer.Field("grpc-message"));
        Assert.Empty(answer.Body);
    }

    private static string Decode(string text)
    {
        var decoded = new StringBuilder();
        for (int at = 0; at < text.Length; at += 4)
            decoded.Append(Encoding.Latin1.GetString(Convert.FromBase64String(text.Substring(at, 4))));
        return decoded.ToString();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        Assert.StartsWith("application/grpc", context.Request.ContentType);
        Assert.DoesNotContain("web", context.Request.ContentType);
        Assert.Equal("trailers", context.Request.Headers.TE);
        context.Response.ContentType = context.Request.ContentType;
        await context.Request.Body.CopyToAsync(context.Response.Body);
        context.Response.AppendTrailer("grpc-status", "0");
        context.Response.AppendTrailer("grpc-message", "fine");
    }

    private static Task<TestGateway> StartAsync(Wire wire, string url) => TestGateway.StartAsync(
        wire,
        $$"""
        upstreams: { up: { protocol: http2, endpoints: [ "{{url}}" ] } }
        routes: [ { match: { path: "/test.Calls/{method}" }, grpcWeb: true, to: { upstream: up } } ]
        """);
}
