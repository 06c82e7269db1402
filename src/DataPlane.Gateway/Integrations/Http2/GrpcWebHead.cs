using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Http.Headers;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// The head of an answer to a gRPC-Web call: the upstream's, with the type the client asked for. Loop thread; some
/// hundred bytes per call.
/// </summary>
internal static class GrpcWebHead
{
    public static void Begin(Exchange exchange, Http2Call call)
    {
        var stream = call.Stream!;
        var head = new ResponseHead();
        byte[] bytes = Rewrite(call.Kind, stream.Head, stream.HeadBytes);
        // What was good before is good with another type.
        ResponseHeadParser.Parse(bytes, head, exchange.Request.Method, exchange.Snapshot.ResponseHead);
        var draft = exchange.Response;
        call.IsAnswering = true;
        draft.StatusCode = head.StatusCode;
        draft.Upstream = head;
        draft.UpstreamBytes = bytes;
        // Trailers become a part of the body.
        draft.BodyLength = ResponseDraft.UnknownLength;
    }

    private static byte[] Rewrite(GrpcKind kind, ResponseHead head, byte[] bytes)
    {
        var whole = bytes.AsSpan(0, head.HeadLength);
        if (!head.TryFind(KnownHeader.ContentType, out var field)) return whole.ToArray();
        var type = GrpcWeb.TypeOf(kind, field.Value(bytes));
        int end = field.ValueStart + field.ValueLength;
        return [.. whole[..field.ValueStart], .. type, .. whole[end..]];
    }
}
