using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>Chooses how a request body goes out. Loop thread.</summary>
internal static class RequestContent
{
    /// <summary>
    /// Null without a body. A small one that is there whole is held; anything else is sent as it comes. The fault of a
    /// body that is broken already is in <paramref name="fault"/>.
    /// </summary>
    public static HttpContent? Of(Exchange exchange, Http2Call call, GrpcKind kind, out ExchangeOutcome fault)
    {
        fault = ExchangeOutcome.Completed;
        var body = kind == GrpcKind.WebText ? new GrpcWebBody(exchange.Body) : exchange.Body;
        if (body.IsEmpty) return null;
        var first = body.ReadAsync();
        if (!first.IsCompletedSuccessfully) return new UploadContent(body, call, first);
        var read = first.Result;
        bool isHeld = read.Status == BodyStatus.Bytes && read.IsLast && read.Bytes.Length <= Limits.HeldBodyBytes;
        if (isHeld || read.Status == BodyStatus.End)
        {
            exchange.HoldsBody = true;
            byte[] held = read.Bytes.ToArray();
            if (read.Status == BodyStatus.Bytes) body.Advance();
            return new HeldContent(held, tellsLength: body.Length >= 0);
        }
        if (read.Status == BodyStatus.Bytes) return new UploadContent(body, call, new ValueTask<BodyRead>(read));
        fault = Http.RequestUpload.FaultOf(read.Status);
        return null;
    }
}
