using System.Buffers.Binary;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Recording.Traces;

/// <summary>
/// A sampled exchange as bytes, for the ring between its loop and the exporter: a length, numbers, texts with their
/// lengths. Its counterpart is <see cref="SpanRecord"/>. Every text has a limit, and
/// <see cref="RecordingLimits.LineBytes"/> is above their sum. 0 bytes.
/// </summary>
internal ref struct SpanRecordWriter(Span<byte> space)
{
    private readonly Span<byte> _space = space;
    private int _length = sizeof(int);

    /// <summary>The bytes written.</summary>
    public static int Write(in ExchangeRecord record, ReadOnlySpan<byte> path, Span<byte> space)
    {
        var writer = new SpanRecordWriter(space);
        writer.PutExchange(record, path);
        var exchange = record.Exchange;
        var tries = exchange.Trace.Tries;
        // An endpoint that could not even be reached was asked for nothing, and is the answer to who was to blame.
        bool isUnreached = tries.IsEmpty && exchange.Endpoint is not null;
        writer.Put(isUnreached ? 1 : tries.Length);
        if (isUnreached) writer.PutUnreached(record, exchange.Endpoint!);
        for (int each = 0; each < tries.Length; each++)
        {
            ref readonly var attempt = ref tries[each];
            // The first one includes what came before it: choosing an endpoint, opening a connection.
            long start = each == 0 ? exchange.UpstreamStartTimestamp : attempt.StartTimestamp;
            long end = attempt.EndTimestamp != 0 ? attempt.EndTimestamp : exchange.UpstreamEndTimestamp;
            writer.Put((long)attempt.SpanId);
            writer.Put(start);
            writer.Put(Math.Max(start, end));
            writer.Put(attempt.Endpoint.UpstreamNameUtf8, RecordingLimits.NameBytes);
            writer.Put(attempt.Endpoint.AddressUtf8, RecordingLimits.EndpointBytes);
        }
        BinaryPrimitives.WriteInt32LittleEndian(space, writer._length);
        return writer._length;
    }

    private void PutUnreached(in ExchangeRecord record, UpstreamEndpoint endpoint)
    {
        var exchange = record.Exchange;
        Put(Random.Shared.NextInt64(1, long.MaxValue));
        Put(exchange.UpstreamStartTimestamp);
        Put(exchange.StartTimestamp + record.TotalTicks);
        Put(endpoint.UpstreamNameUtf8, RecordingLimits.NameBytes);
        Put(endpoint.AddressUtf8, RecordingLimits.EndpointBytes);
    }

    private void PutExchange(in ExchangeRecord record, ReadOnlySpan<byte> path)
    {
        var exchange = record.Exchange;
        var request = exchange.Request;
        var head = exchange.HeadBytes;
        var trace = exchange.Trace;
        Put(exchange.StartTimestamp);
        Put(exchange.StartTimestamp + record.TotalTicks);
        Put((long)trace.SpanId);
        Put((long)trace.ParentSpanId);
        Put((int)request.Method);
        Put(exchange.IsHttp2 ? 20 : 10 + request.VersionMinor);
        Put((int)record.Outcome);
        Put(record.StatusCode);
        Put(exchange.Response.Upstream is null ? 0 : exchange.Response.StatusCode);
        Put(exchange.Listener.Port);
        Put(trace.Id, trace.Id.Length);
        Put(exchange.Route is { } route ? route.IdUtf8 : default, RecordingLimits.NameBytes);
        Put(path, RecordingLimits.QueryBytes);
        Put(exchange.Host, RecordingLimits.HostBytes);
        Put(exchange.Client.Utf8, RecordingLimits.NameBytes);
        Put(Find(exchange, KnownHeader.UserAgent, head), RecordingLimits.NameBytes);
        Put(exchange.RequestId, RecordingLimits.NameBytes);
        Put(
            trace.ContinuesTrace ? Find(exchange, KnownHeader.TraceState, head) : default,
            RecordingLimits.ValueBytes);
    }

    private static ReadOnlySpan<byte> Find(Exchange exchange, KnownHeader name, ReadOnlySpan<byte> head) =>
        exchange.Request.TryFind(name, out var field) ? field.Value(head) : default;

    private void Put(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_space[_length..], value);
        _length += sizeof(long);
    }

    private void Put(scoped ReadOnlySpan<byte> text, int maxBytes)
    {
        text = text[..Math.Min(text.Length, maxBytes)];
        BinaryPrimitives.WriteInt32LittleEndian(_space[_length..], text.Length);
        text.CopyTo(_space[(_length + sizeof(int))..]);
        _length += sizeof(int) + text.Length;
    }
}
