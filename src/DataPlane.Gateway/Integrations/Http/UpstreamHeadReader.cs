using System.Buffers;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// Brings the response parser contiguous bytes, copied into the connection's head array: the response head is rendered
/// from there, whatever happens to the transport's buffer. 0 bytes.
/// </summary>
internal static class UpstreamHeadReader
{
    public static ParseStatus Read(
        Exchange exchange, UpstreamConnection connection, in ReadOnlySequence<byte> buffer,
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
            status = ResponseHeadParser.Parse(span, connection.Head, exchange.Request.Method, in limits);
            if (status == ParseStatus.Invalid) return status;
            int length = status == ParseStatus.Complete ? connection.Head.HeadLength : span.Length;
            connection.GatherHead(span[..length]);
        }
        else
        {
            int taken = (int)Math.Min(buffer.Length, limits.HeadBytes + 1L - before);
            foreach (var segment in buffer.Slice(0, taken)) connection.GatherHead(segment.Span);
            status = ResponseHeadParser.Parse(
                connection.HeadBytes.AsSpan(0, connection.HeadGathered), connection.Head, exchange.Request.Method, in limits);
        }
        if (status == ParseStatus.Complete) rest = buffer.Slice(connection.Head.HeadLength - before);
        return status;
    }
}
