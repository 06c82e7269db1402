using DataPlane.Http.Headers;

namespace DataPlane.Http.Responses;

/// <summary>Reads <c>HTTP/1.x SP 3DIGIT SP [reason] CRLF</c> (RFC 9112 4). The SP before an absent reason may be absent
/// too, as RFC 7230's predecessors wrote it and some servers still do; nothing else is forgiven.</summary>
internal static class StatusLineParser
{
    private const int LineEndBytes = 2;
    private const int CodeStart = 9;
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
        fault = ResponseFault.None;
        if (!line.StartsWith("HTTP/1.1 "u8) && !HasVersion(line, out fault))
            return false;
        if (line.Length < StatusEnd)
        {
            fault = CheckDigits(line);
            return false;
        }

        var hundreds = line[CodeStart] - '0';
        var tens = line[CodeStart + 1] - '0';
        var ones = line[CodeStart + 2] - '0';
        if (hundreds is < 1 or > 9 || tens is < 0 or > 9 || ones is < 0 or > 9)
        {
            fault = ResponseFault.BadStatusCode;
            return false;
        }

        if (line[5] != '1' || line[7] > '1')
        {
            fault = ResponseFault.UnsupportedVersion;
            return false;
        }

        head.VersionMinor = (byte)(line[7] - '0');
        head.StatusCode = (hundreds * 100) + (tens * 10) + ones;
        head.Section.Scanned = StatusEnd;
        head.Stage = ResponseStage.Reason;
        return true;
    }

    /// <summary>Of the status code what is there.</summary>
    private static ResponseFault CheckDigits(ReadOnlySpan<byte> line)
    {
        var digits = line[CodeStart..];
        return digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') || digits is [(byte)'0', ..]
            ? ResponseFault.BadStatusCode
            : ResponseFault.None;
    }

    /// <summary>Any version, spoken here or not, and the space behind it.</summary>
    private static bool HasVersion(ReadOnlySpan<byte> line, out ResponseFault fault)
    {
        var pattern = "HTTP/1.1 "u8;
        for (var i = 0; i < Math.Min(line.Length, pattern.Length); i++)
        {
            var isRight = pattern[i] == '1' ? char.IsAsciiDigit((char)line[i]) : line[i] == pattern[i];
            if (isRight)
                continue;
            fault = ResponseFault.BadVersion;
            return false;
        }

        fault = ResponseFault.None;
        return line.Length >= pattern.Length;
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

        var end = FieldBytes.IndexOfValueStop(line, section.Scanned);
        if (end < 0)
        {
            section.Scanned = line.Length;
            return false;
        }

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
