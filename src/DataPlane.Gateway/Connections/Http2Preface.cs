using System.Buffers;

namespace DataPlane.Gateway.Connections;

/// <summary>What the first bytes of a cleartext connection say about its protocol (RFC 9113 3.4). Any thread.</summary>
internal static class Http2Preface
{
    private static ReadOnlySpan<byte> Bytes => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Done: all of it is there; NeedMoreData: it may still come; InvalidData: it does not.</summary>
    public static OperationStatus Look(in ReadOnlySequence<byte> buffer)
    {
        var rest = Bytes;
        foreach (var segment in buffer)
        {
            int count = Math.Min(segment.Length, rest.Length);
            if (!segment.Span[..count].SequenceEqual(rest[..count])) return OperationStatus.InvalidData;
            rest = rest[count..];
            if (rest.IsEmpty) return OperationStatus.Done;
        }
        return OperationStatus.NeedMoreData;
    }
}
