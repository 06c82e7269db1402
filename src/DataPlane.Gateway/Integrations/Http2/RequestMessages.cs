using System.Net;
using System.Text;
using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Makes the runtime's request of an exchange. The head is rendered by <see cref="UpstreamRequestWriter"/>, as for
/// HTTP/1.1, and taken apart again: one place decides what an upstream is sent. Loop thread; allocates what the runtime
/// needs.
/// </summary>
internal static class RequestMessages
{
    private static readonly HttpMethod?[] s_methods =
    [
        null, HttpMethod.Get, HttpMethod.Head, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, null,
        HttpMethod.Options, HttpMethod.Trace, HttpMethod.Patch, new HttpMethod("QUERY"),
    ];

    /// <summary>Null for a target that the runtime cannot carry: one of more than 64 KiB.</summary>
    public static HttpRequestMessage? Make(
        Exchange exchange, UpstreamEndpoint endpoint, Http2Client client, CompiledTemplate? rewrite, GrpcKind kind,
        HttpContent? content)
    {
        if (exchange.Trace.IsSampled) exchange.Trace.BeginTry(endpoint, exchange.Loop.NowTimestamp);
        byte[] head = exchange.Loop.Slabs.Rent(UpstreamRequestWriter.Bound(exchange, endpoint, rewrite));
        try
        {
            int length = Render(exchange, endpoint, rewrite, ref head);
            return Parse(exchange, client, kind, content, head.AsSpan(0, length));
        }
        finally
        {
            exchange.Loop.Slabs.Return(head);
        }
    }

    private static int Render(
        Exchange exchange, UpstreamEndpoint endpoint, CompiledTemplate? rewrite, ref byte[] head)
    {
        while (true)
        {
            var writer = new HeadWriter(head);
            if (UpstreamRequestWriter.TryRender(ref writer, exchange, endpoint, rewrite)) return writer.Length;
            var slabs = exchange.Loop.Slabs;
            int larger = head.Length * 2;
            slabs.Return(head);
            head = slabs.Rent(larger);
        }
    }

    private static HttpRequestMessage? Parse(
        Exchange exchange, Http2Client client, GrpcKind kind, HttpContent? content, ReadOnlySpan<byte> head)
    {
        int lineEnd = head.IndexOf("\r\n"u8);
        var line = head[..lineEnd];
        int methodEnd = line.IndexOf((byte)' ');
        var target = line[(methodEnd + 1)..^" HTTP/1.1".Length];
        // OPTIONS * is answered here; an absolute form has been reduced to its path.
        if (TargetUris.Of(client.Origin, target) is not { } uri) return null;
        content?.Headers.Clear();
        var message = new HttpRequestMessage(MethodOf(exchange.Request.Method, line[..methodEnd]), uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var rest = head[(lineEnd + 2)..^2];
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf("\r\n"u8);
            Add(message, client, kind, rest[..end]);
            rest = rest[(end + 2)..];
        }
        // RFC 9113 8.2.2: the one thing TE may say. Servers take a gRPC call without it for one through an old proxy.
        bool takesTrailers = kind != GrpcKind.None || exchange.Request.TakesTrailers(exchange.HeadBytes);
        if (takesTrailers) message.Headers.TryAddWithoutValidation("TE", "trailers");
        return message;
    }

    private static void Add(
        HttpRequestMessage message, Http2Client client, GrpcKind kind, ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        string name = FieldNames.Of(line[..colon]);
        // Framing is the runtime's; a length is the content's own.
        if (name is "Transfer-Encoding" or "Content-Length" || (name == "Host" && client.HasOwnAuthority)) return;
        var bytes = line[(colon + 1)..].TrimStart((byte)' ');
        string value = GrpcWeb.Speaks(kind) && name == "Content-Type"
            ? $"application/grpc{Encoding.Latin1.GetString(bytes[GrpcKinds.Type(kind).Length..])}"
            : Encoding.Latin1.GetString(bytes);
        // The runtime joins values with a space, which binary metadata cannot bear (grpc/doc/PROTOCOL-HTTP2.md).
        if (name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase)
            && message.Headers.NonValidated.TryGetValues(name, out var before))
        {
            message.Headers.Remove(name);
            value = $"{before},{value}";
        }
        if (message.Headers.TryAddWithoutValidation(name, value)) return;
        message.Content ??= new EmptyContent();
        message.Content.Headers.TryAddWithoutValidation(name, value);
    }

    private static HttpMethod MethodOf(RequestMethod method, ReadOnlySpan<byte> name) =>
        s_methods[(int)method] ?? new HttpMethod(Encoding.ASCII.GetString(name));
}
