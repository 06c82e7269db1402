using DataPlane.Http.Headers;

namespace DataPlane.Http.Requests;

/// <summary>Reads <c>method SP target SP version CRLF</c> part by part, so that a line is refused at its first wrong
/// byte, and each byte is looked at once.</summary>
internal static class RequestLineParser
{
    private const int MaxMethodBytes = 32; // the longest registered one, UPDATEREDIRECTREF, has 17
    private const int LineEndBytes = 2;
    private const int VersionBytes = 8; // HTTP/1.1

    public static ParseStatus Parse(
        ReadOnlySpan<byte> bytes, RequestHead head, in HeadLimits limits, out RequestFault fault)
    {
        var section = head.Section;
        if (head.Stage == RequestStage.Start && !TrySkipEmptyLine(bytes, head, out fault))
            return fault == RequestFault.None ? ParseStatus.Incomplete : ParseStatus.Invalid;

        var lineLimit = (int)Math.Min((long)section.LineStart + limits.LineBytes + LineEndBytes, limits.HeadBytes);
        var line = bytes.Length > lineLimit ? bytes[..lineLimit] : bytes;
        fault = RequestFault.None;
        if ((head.Stage != RequestStage.Method || TryReadMethod(line, head, out fault))
            && (head.Stage != RequestStage.Target || TryReadTarget(line, head, out fault))
            && TryReadVersion(line, head, out fault))
        {
            fault = RequestTarget.Analyze(bytes, head);
            return fault == RequestFault.None ? ParseStatus.Complete : ParseStatus.Invalid;
        }

        if (fault == RequestFault.None && line.Length == lineLimit)
            fault = RequestFault.RequestLineTooLong;
        return fault == RequestFault.None ? ParseStatus.Incomplete : ParseStatus.Invalid;
    }

    /// <summary>RFC 9112 2.2: one empty line before the request is forgiven; a second one is a bad method.</summary>
    private static bool TrySkipEmptyLine(ReadOnlySpan<byte> bytes, RequestHead head, out RequestFault fault)
    {
        fault = RequestFault.None;
        if (bytes.IsEmpty)
            return false;
        if (bytes[0] == '\r')
        {
            if (bytes.Length == 1)
                return false;
            if (bytes[1] != '\n')
            {
                fault = RequestFault.BareCarriageReturn;
                return false;
            }

            head.Section.LineStart = LineEndBytes;
            head.Section.Scanned = LineEndBytes;
        }

        head.Stage = RequestStage.Method;
        return true;
    }

    private static bool TryReadMethod(ReadOnlySpan<byte> line, RequestHead head, out RequestFault fault)
    {
        var section = head.Section;
        var run = line[section.Scanned..].IndexOfAnyExcept(FieldBytes.Token);
        var end = run < 0 ? line.Length : section.Scanned + run;
        var length = end - section.LineStart;
        section.Scanned = end;
        fault = length > MaxMethodBytes ? RequestFault.MethodTooLong : RequestFault.None;
        if (run < 0 || fault != RequestFault.None)
            return false;
        if (line[end] != ' ' || length == 0)
        {
            fault = line[end] switch
            {
                (byte)'\n' => RequestFault.BareLineFeed,
                (byte)'\r' when length > 0 => RequestFault.MissingTarget,
                _ => RequestFault.BadMethod,
            };
            return false;
        }

        head.MethodRange = new ByteRange(section.LineStart, length);
        head.Method = Identify(line[section.LineStart..end]);
        head.TargetRange = new ByteRange(end + 1, 0);
        section.Scanned = end + 1;
        head.Stage = RequestStage.Target;
        return true;
    }

    private static bool TryReadTarget(ReadOnlySpan<byte> line, RequestHead head, out RequestFault fault)
    {
        fault = RequestFault.None;
        var section = head.Section;
        var run = line[section.Scanned..].IndexOfAny(TargetBytes.Stop);
        if (run < 0)
        {
            section.Scanned = line.Length;
            return false;
        }

        var start = head.TargetRange.Start;
        var end = section.Scanned + run;
        if (line[end] != ' ' || end == start)
        {
            fault = line[end] switch
            {
                (byte)'\n' => RequestFault.BareLineFeed,
                (byte)' ' => RequestFault.MissingTarget,
                (byte)'\r' => end == start ? RequestFault.MissingTarget : RequestFault.MissingVersion,
                _ => RequestFault.BadTargetByte,
            };
            return false;
        }

        head.TargetRange = new ByteRange(start, end - start);
        section.Scanned = end + 1;
        head.Stage = RequestStage.Version;
        return true;
    }

    private static bool TryReadVersion(ReadOnlySpan<byte> line, RequestHead head, out RequestFault fault)
    {
        var version = line[head.Section.Scanned..];
        if (!IsVersionStart(version))
        {
            fault = RequestFault.BadVersion;
            return false;
        }

        fault = RequestFault.None;
        if (version.Length <= VersionBytes)
            return false;
        if (version[VersionBytes] != '\r')
        {
            fault = version[VersionBytes] == '\n' ? RequestFault.BareLineFeed : RequestFault.BadVersion;
            return false;
        }

        if (version[5] != '1' || version[7] > '1')
        {
            fault = RequestFault.UnsupportedVersion;
            return false;
        }

        if (version.Length == VersionBytes + 1)
            return false;
        if (version[VersionBytes + 1] != '\n')
        {
            fault = RequestFault.BareCarriageReturn;
            return false;
        }

        head.VersionMinor = (byte)(version[7] - '0');
        head.Section.LineStart = head.Section.Scanned + VersionBytes + LineEndBytes;
        head.Section.Scanned = head.Section.LineStart;
        return true;
    }

    /// <summary>Whether the bytes so far could be <c>HTTP/</c> DIGIT <c>.</c> DIGIT. The name is case-sensitive
    /// (RFC 9112 2.3).</summary>
    private static bool IsVersionStart(ReadOnlySpan<byte> version)
    {
        var name = "HTTP/"u8;
        if (version.Length < name.Length)
            return name.StartsWith(version);
        return version.StartsWith(name)
            && (version.Length < 6 || char.IsAsciiDigit((char)version[5]))
            && (version.Length < 7 || version[6] == '.')
            && (version.Length < 8 || char.IsAsciiDigit((char)version[7]));
    }

    public static RequestMethod Identify(ReadOnlySpan<byte> method) => method.Length switch
    {
        3 when method.SequenceEqual("GET"u8) => RequestMethod.Get,
        3 when method.SequenceEqual("PUT"u8) => RequestMethod.Put,
        4 when method.SequenceEqual("POST"u8) => RequestMethod.Post,
        4 when method.SequenceEqual("HEAD"u8) => RequestMethod.Head,
        5 when method.SequenceEqual("PATCH"u8) => RequestMethod.Patch,
        5 when method.SequenceEqual("QUERY"u8) => RequestMethod.Query,
        5 when method.SequenceEqual("TRACE"u8) => RequestMethod.Trace,
        6 when method.SequenceEqual("DELETE"u8) => RequestMethod.Delete,
        7 when method.SequenceEqual("OPTIONS"u8) => RequestMethod.Options,
        7 when method.SequenceEqual("CONNECT"u8) => RequestMethod.Connect,
        _ => RequestMethod.Other,
    };
}
