using System.Buffers;
using DataPlane.Gateway.Loops;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Brings the parser contiguous bytes. A head that lies whole in one read is parsed where it is and copied once, to
/// outlive the transport's buffer; one that comes in pieces is gathered in the turn's head array and parsing resumes
/// there. 0 bytes.
/// </summary>
internal static class Http1HeadReader
{
    /// <summary>
    /// On Complete <paramref name="rest"/> is what follows the head. On Incomplete everything in
    /// <paramref name="buffer"/> was copied. Invalid: see the request's fault.
    /// </summary>
    public static ParseStatus Read(
        Http1Turn turn, in ReadOnlySequence<byte> buffer, in HeadLimits limits, out ReadOnlySequence<byte> rest)
    {
        rest = default;
        var request = turn.Exchange.Request;
        if (turn.GatheredBytes > 0 || !buffer.IsSingleSegment) return Gather(turn, in buffer, in limits, out rest);
        var span = buffer.FirstSpan;
        var status = RequestHeadParser.Parse(span, request, in limits);
        if (status == ParseStatus.Invalid) return status;
        int length = status == ParseStatus.Complete ? request.HeadLength : span.Length;
        var head = turn.Exchange.Loop.Slabs.Rent(Math.Max(length, Limits.InitialHeadBytes));
        span[..length].CopyTo(head);
        turn.Exchange.TakeHead(head);
        turn.GatheredBytes = length;
        if (status == ParseStatus.Complete) rest = buffer.Slice(length);
        return status;
    }

    private static ParseStatus Gather(
        Http1Turn turn, in ReadOnlySequence<byte> buffer, in HeadLimits limits, out ReadOnlySequence<byte> rest)
    {
        rest = default;
        var exchange = turn.Exchange;
        int before = turn.GatheredBytes;
        // One byte more than the limit is enough for the parser to say so.
        int taken = (int)Math.Min(buffer.Length, limits.HeadBytes + 1L - before);
        var head = Grow(exchange.ReleaseHead(), before, before + taken, exchange.Loop.Slabs);
        buffer.Slice(0, taken).CopyTo(head.AsSpan(before));
        exchange.TakeHead(head);
        turn.GatheredBytes = before + taken;
        var status = RequestHeadParser.Parse(head.AsSpan(0, before + taken), exchange.Request, in limits);
        if (status == ParseStatus.Complete) rest = buffer.Slice(exchange.Request.HeadLength - before);
        return status;
    }

    private static byte[] Grow(byte[] head, int used, int needed, SlabPool slabs)
    {
        if (head.Length >= needed) return head;
        var larger = slabs.Rent(Math.Max(needed, Math.Max(head.Length * 2, Limits.InitialHeadBytes)));
        head.AsSpan(0, used).CopyTo(larger);
        if (head.Length > 0) slabs.Return(head);
        return larger;
    }
}
