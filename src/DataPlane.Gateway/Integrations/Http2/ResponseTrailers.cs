using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Http.Bodies;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Passes the trailers of a response on, and keeps what they say about a gRPC call for the record. Loop thread; 0
/// bytes.
/// </summary>
internal static class ResponseTrailers
{
    /// <summary>
    /// After the body. What the client cannot take, or may not be a trailer, is left out by the sink.
    /// </summary>
    public static ValueTask<ExchangeOutcome> RelayAsync(Exchange exchange, ResponseSink sink, Http2Call call)
    {
        var stream = call.Stream!;
        if (stream.TryFindLast("grpc-status"u8, out var status)) exchange.GrpcStatus = GrpcStatuses.Parse(status);
        if (GrpcWeb.Speaks(call.Kind)) return RelayFrameAsync(sink, call);
        var lines = stream.TrailerLines;
        while (TrailerFields.TryTake(ref lines, out var name, out var value)) sink.WriteTrailer(name, value);
        return new ValueTask<ExchangeOutcome>(ExchangeOutcome.Completed);
    }

    private static async ValueTask<ExchangeOutcome> RelayFrameAsync(ResponseSink sink, Http2Call call) =>
        await GrpcWeb.WriteTrailersAsync(call.Kind, sink, call.Loop, call.Stream!.TrailerLines)
            ? ExchangeOutcome.Completed
            : sink.Failure;
}
