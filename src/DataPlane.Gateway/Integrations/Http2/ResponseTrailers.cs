using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Http.Bodies;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Passes the trailers of a response on, and keeps what they say about a gRPC call for the record. Loop thread.
/// </summary>
internal static class ResponseTrailers
{
    private const string StatusField = "grpc-status";

    /// <summary>
    /// After the body. What the client cannot take, or may not be a trailer, is left out by the sink.
    /// </summary>
    public static ValueTask<ExchangeOutcome> RelayAsync(
        Exchange exchange, ResponseSink sink, Http2Call call, HttpResponseMessage response, GrpcKind kind)
    {
        var fields = response.TrailingHeaders.NonValidated;
        if (fields.TryGetValues(StatusField, out var status))
            exchange.GrpcStatus = Parse(status.ToString());
        // An answer that has nothing but a head tells the status there.
        else if (call.Head.TryFind(call.HeadBytes, "grpc-status"u8, out var field))
            exchange.GrpcStatus = GrpcStatuses.Parse(field.Value(call.HeadBytes));
        if (GrpcWeb.Speaks(kind)) return RelayFrameAsync(sink, call, response, kind);
        if (fields.Count > 0) Write(sink, call, fields);
        return new ValueTask<ExchangeOutcome>(ExchangeOutcome.Completed);
    }

    private static async ValueTask<ExchangeOutcome> RelayFrameAsync(
        ResponseSink sink, Http2Call call, HttpResponseMessage response, GrpcKind kind) =>
        await GrpcWeb.WriteTrailersAsync(kind, sink, call.Loop, response.TrailingHeaders)
            ? ExchangeOutcome.Completed
            : sink.Failure;

    private static void Write(ResponseSink sink, Http2Call call, HttpHeadersNonValidated fields)
    {
        byte[] slab = call.Loop.Slabs.Rent(2 * TrailerFields.MaxBytes);
        foreach (var field in fields)
        {
            foreach (string value in field.Value) Write(sink, field.Key, value, slab);
        }
        call.Loop.Slabs.Return(slab);
    }

    private static void Write(ResponseSink sink, string name, string value, byte[] slab)
    {
        if (name.Length + value.Length > slab.Length) return;
        int nameLength = Encoding.Latin1.GetBytes(name, slab);
        int length = nameLength + Encoding.Latin1.GetBytes(value, slab.AsSpan(nameLength));
        sink.WriteTrailer(slab.AsSpan(0, nameLength), slab.AsSpan(nameLength..length));
    }

    private static int Parse(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int status) ? status : -1;
}
