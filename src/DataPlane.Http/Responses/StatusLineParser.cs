using DataPlane.Http.Headers;

namespace DataPlane.Http.Responses;

/// <summary>Reads <c>HTTP/1.x SP 3DIGIT SP [reason] CRLF</c> (RFC 9112 4). The SP before an absent reason may be absent
/// too, as RFC 7230's predecessors wrote it and some servers still do; nothing else is forgiven.</summary>
internal static class StatusLineParser
{
    private const int LineEndBytes = 2;
    private const int StatusEnd = 12; // HTTP/1.1 200

    public static ParseStatus Parse(
        ReadOnlySpan<byte> bytes, ResponseHead head, in HeadLimits limits, out ResponseFault fault)
    {
        var lineLimit = (int)Math.Min((long)limits.LineBytes + LineEndBytes, limits.HeadBytes);
        var line = bytes.Length > lineLimit ? bytes[..lineLimit] : bytes;
        fault = ResponseFault.None;
        if ((head.Stage != ResponseStage.Status || TryReadStatus(line, head, out fault))
            && TryReadReason(line, head, out fault))
            return ParseStatus.Complete;

        if (fault == ResponseFault.None && line.Length == lineLimit)
            fault = ResponseFault.StatusLineTooLong;
        return fault == ResponseFault.None ? ParseStatus.Incomplete : ParseStatus.Invalid;
    }

    /// <summary>Twelve bytes: looked at again from the first when they arrive in pieces.</summary>
    private static bool TryReadStatus(ReadOnlySpan<byte> line, ResponseHead head, out ResponseFault fault)
    {
        var length = Math.Min(line.Length, StatusEnd);
        for (var i = 0; i < length; i++)
        {
            fault = CheckByte(line[i], i);
            if (fault != ResponseFault.None)
                return false;
        }

        fault = ResponseFault.None;
        if (line.Length < StatusEnd)
            return false;
        if (line[5] != '1' || line[7] > '1')
        {
            fault = ResponseFault.UnsupportedVersion;
            return false;
        }

        head.VersionMinor = (byte)(line[7] - '0');
        head.StatusCode = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + line[11] - '0';
        head.Section.Scanned = StatusEnd;
        head.Stage = ResponseStage.Reason;
        return true;
    }

    private static ResponseFault CheckByte(byte b, int at)
    {
        var expected = "HTTP/1.1 200"u8;
        return at switch
        {
            5 or 7 => char.IsAsciiDigit((char)b) ? ResponseFault.None : ResponseFault.BadVersion,
            9 => b is >= (byte)'1' and <= (byte)'9' ? ResponseFault.None : ResponseFault.BadStatusCode,
            10 or 11 => char.IsAsciiDigit((char)b) ? ResponseFault.None : ResponseFault.BadStatusCode,
            _ => b == expected[at] ? ResponseFault.None : ResponseFault.BadVersion,
        };
    }

    private static bool TryReadReason(ReadOnlySpan<byte> line, ResponseHead head, out ResponseFault fault)
    {
        fault = ResponseFault.None;
        var section = head.Section;
        if (line.Length == StatusEnd)
            return false;
        if (line[StatusEnd] is not ((byte)' ' or (byte)'\r' or (byte)'\n'))
        {
            fault = ResponseFault.BadStatusCode;
            return false;
        }

        var run = line[section.Scanned..].IndexOfAny(FieldBytes.ValueStop);
        if (run < 0)
        {
            section.Scanned = line.Length;
            return false;
        }

        var end = section.Scanned + run;
        section.Scanned = end;
        if (line[end] != '\r')
        {
            fault = line[end] == '\n' ? ResponseFault.BareLineFeed : ResponseFault.BadReason;
            return false;
        }

        if (end + 1 == line.Length)
            return false;
        if (line[end + 1] != '\n')
        {
            fault = ResponseFault.BareCarriageReturn;
            return false;
        }

        var start = Math.Min(StatusEnd + 1, end);
        head.ReasonRange = new ByteRange(start, end - start);
        section.LineStart = end + LineEndBytes;
        section.Scanned = section.LineStart;
        return true;
    }
}
