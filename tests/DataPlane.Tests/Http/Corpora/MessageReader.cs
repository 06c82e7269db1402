using DataPlane.Http;
using DataPlane.Http.Bodies;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Tests.Http.Corpora;

/// <summary>Reads a byte stream as a connection would: heads and their bodies, one after the other.</summary>
internal static class MessageReader
{
    /// <summary>The refusal's name, or null when nothing in the stream is refused.</summary>
    public static string? RefusalOfRequests(ReadOnlySpan<byte> stream)
    {
        var head = new RequestHead();
        while (!stream.IsEmpty)
        {
            head.Reset();
            var status = RequestHeadParser.Parse(stream, head, HeadLimits.Default);
            if (status != ParseStatus.Complete)
                return status == ParseStatus.Invalid ? head.Fault.ToString() : null;
            stream = stream[head.HeadLength..];
            if (head.HasUpgrade)
                return null;
            var fault = SkipBody(ref stream, head.Framing, head.ContentLength);
            if (fault is not null)
                return fault;
        }

        return null;
    }

    public static string? RefusalOfResponses(ReadOnlySpan<byte> stream)
    {
        var head = new ResponseHead();
        while (!stream.IsEmpty)
        {
            head.Reset();
            var status = ResponseHeadParser.Parse(stream, head, RequestMethod.Get, HeadLimits.Default);
            if (status != ParseStatus.Complete)
                return status == ParseStatus.Invalid ? head.Fault.ToString() : null;
            stream = stream[head.HeadLength..];
            if (head.StatusCode == 101 || head.Framing == BodyFraming.UntilClose)
                return null;
            var fault = SkipBody(ref stream, head.Framing, head.ContentLength);
            if (fault is not null)
                return fault;
        }

        return null;
    }

    private static string? SkipBody(ref ReadOnlySpan<byte> stream, BodyFraming framing, long contentLength)
    {
        if (framing == BodyFraming.Length)
            stream = stream[(int)Math.Min(contentLength, stream.Length)..];
        if (framing != BodyFraming.Chunked)
            return null;
        var decoder = new ChunkedDecoder(8192, 100, 256);
        ChunkStatus status;
        do
        {
            status = decoder.Read(stream, out var consumed, out _);
            stream = stream[consumed..];
        }
        while (status == ChunkStatus.Data);
        return status == ChunkStatus.Invalid ? decoder.Fault.ToString() : null;
    }
}
