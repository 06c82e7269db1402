using System.Buffers;
using System.IO.Pipelines;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// Takes response heads out of what an upstream sent, skipping interim ones. The final head is copied into the
/// connection's head array: it is rendered from there, whatever happens to the transport's buffer. 0 bytes.
/// </summary>
public static class UpstreamHeadReader
{
    /// <summary>
    /// Complete: the final head is parsed and the connection holds what follows it. Incomplete: read on. Invalid:
    /// <paramref name="outcome"/> says what ended the exchange.
    /// </summary>
    public static ParseStatus Take(
        Exchange exchange, UpstreamConnection connection, in ReadResult result, out ExchangeOutcome outcome) =>
        Take(exchange, connection, exchange.Request.Method, in result, out outcome);

    /// <summary>The same for a request of another method than the client's.</summary>
    public static ParseStatus Take(
        Exchange exchange, UpstreamConnection connection, RequestMethod sent, in ReadResult result,
        out ExchangeOutcome outcome)
    {
        var buffer = result.Buffer;
        outcome = connection.StopReason;
        if (outcome != ExchangeOutcome.Completed)
        {
            connection.Input.AdvanceTo(buffer.Start);
            return ParseStatus.Invalid;
        }
        if (exchange.FirstByteTicks == 0 && !buffer.IsEmpty)
        {
            // The turn's time is when the bytes were there, not when it was their turn; never 0, which means none came.
            exchange.FirstByteTicks = Math.Max(1, exchange.Loop.NowTimestamp - exchange.UpstreamStartTimestamp);
        }
        while (!buffer.IsEmpty)
        {
            var status = Parse(exchange, connection, sent, in buffer, out var rest);
            if (status == ParseStatus.Incomplete) break;
            int code = connection.Head.StatusCode;
            bool isFinal = code >= 200 || (code == 101 && exchange.Upgrade is not null);
            if (status == ParseStatus.Complete && isFinal)
            {
                connection.Held = rest;
                return status;
            }
            // 101 was not asked for, and too many interim answers are a flood.
            if (status == ParseStatus.Invalid || code == 101 || !connection.CountInterim())
            {
                connection.Input.AdvanceTo(buffer.End);
                outcome = ExchangeOutcome.UpstreamProtocolError;
                return ParseStatus.Invalid;
            }
            connection.ForgetHead();
            buffer = rest;
        }
        connection.Input.AdvanceTo(result.Buffer.End);
        if (!result.IsCompleted) return ParseStatus.Incomplete;
        outcome = connection.HeadGathered > 0
            ? ExchangeOutcome.UpstreamProtocolError
            : ExchangeOutcome.UpstreamClosed;
        return ParseStatus.Invalid;
    }

    private static ParseStatus Parse(
        Exchange exchange, UpstreamConnection connection, RequestMethod sent, in ReadOnlySequence<byte> buffer,
        out ReadOnlySequence<byte> rest)
    {
        rest = default;
        var limits = exchange.Snapshot.ResponseHead;
        int before = connection.HeadGathered;
        ParseStatus status;
        if (before == 0 && buffer.IsSingleSegment)
        {
            // Parsed where it lies; only the head itself is copied, not the body behind it.
            var span = buffer.FirstSpan;
            status = ResponseHeadParser.Parse(span, connection.Head, sent, in limits);
            if (status == ParseStatus.Invalid) return status;
            int length = status == ParseStatus.Complete ? connection.Head.HeadLength : span.Length;
            connection.GatherHead(span[..length]);
        }
        else
        {
            int taken = (int)Math.Min(buffer.Length, limits.HeadBytes + 1L - before);
            foreach (var segment in buffer.Slice(0, taken)) connection.GatherHead(segment.Span);
            status = ResponseHeadParser.Parse(
                connection.HeadBytes.AsSpan(0, connection.HeadGathered),
                connection.Head,
                sent,
                in limits);
        }
        if (status == ParseStatus.Complete) rest = buffer.Slice(connection.Head.HeadLength - before);
        return status;
    }
}
