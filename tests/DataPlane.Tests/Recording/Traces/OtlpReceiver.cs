using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlane.Tests.Recording.Traces;

/// <summary>Receives traces by OTLP over HTTP or gRPC on loopback, and reads them with its own code.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentQueue<string> _requests = new();

    private OtlpReceiver(bool isGrpc)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0,
            listen => listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        _server = builder.Build();
        _server.Run(context => isGrpc ? AnswerGrpcAsync(context) : AnswerHttpAsync(context));
    }

    public string Url { get; private set; } = "";

    /// <summary>What it answers instead of 200.</summary>
    public int? FailsWith { get; set; }

    public IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    /// <summary>Path, content type and the X-Key field of each export.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    public static async Task<OtlpReceiver> StartAsync(bool isGrpc = false)
    {
        var receiver = new OtlpReceiver(isGrpc);
        await receiver._server.StartAsync();
        var addresses = receiver._server.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses;
        receiver.Url = addresses.Single();
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerHttpAsync(HttpContext context)
    {
        byte[] body = await TakeAsync(context);
        context.Response.StatusCode = FailsWith ?? 200;
        if (FailsWith is not null) return;
        Keep(body);
        context.Response.ContentType = "application/x-protobuf";
    }

    /// <summary>A message is a zero, its length in four bytes, and itself; the status is a trailer.</summary>
    private async Task AnswerGrpcAsync(HttpContext context)
    {
        byte[] body = await TakeAsync(context);
        Assert.Equal(0, body[0]);
        Keep(body[5..]);
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private async Task<byte[]> TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _requests.Enqueue(
            $"{context.Request.Path} {context.Request.ContentType} {context.Request.Headers["X-Key"]}".TrimEnd());
        return body.ToArray();
    }

    private void Keep(byte[] request)
    {
        foreach (var span in ReceivedSpan.AllOf(request)) _spans.Enqueue(span);
    }
}
