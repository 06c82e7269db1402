using System.Numerics;
using DataPlane.Http.Headers;

namespace DataPlane.Http.Requests;

/// <summary>Reads the request line that nearly every request has, in one pass: origin-form without escapes, HTTP/1.x,
/// all of it there. Every other line is left, untouched, to <see cref="RequestLineParser"/>, which alone decides on
/// faults: both agree on what a good line is, and tests feed both.</summary>
internal static class PlainRequestLine
{
    private const int VersionBytes = 10; // HTTP/1.1 CR LF

    /// <summary>To be called before anything of the head has been looked at.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, RequestHead head, in HeadLimits limits)
    {
        if (!HeadBlock.CanRead(bytes))
            return false;
        var methodLength = BitOperations.TrailingZeroCount(new HeadBlock(bytes, 0).Outside(FieldBytes.TokenSet));
        var start = methodLength + 1;
        if (methodLength is 0 or HeadBlock.Bytes || start >= bytes.Length
            || bytes[methodLength] != ' ' || bytes[start] != '/')
            return false;
        var method = RequestLineParser.Identify(bytes[..methodLength]);
        if (method == RequestMethod.Connect || !TryReadTarget(bytes, start, out var target))
            return false;

        var lineEnd = target.End + 1 + VersionBytes;
        if (lineEnd > Math.Min(bytes.Length, limits.HeadBytes) || lineEnd - 2 > limits.LineBytes)
            return false;
        var version = bytes.Slice(target.End + 1, VersionBytes);
        var isVersion11 = version.SequenceEqual("HTTP/1.1\r\n"u8);
        if (!isVersion11 && !version.SequenceEqual("HTTP/1.0\r\n"u8))
            return false;

        head.Method = method;
        head.MethodRange = new ByteRange(0, methodLength);
        head.TargetRange = new ByteRange(start, target.End - start);
        head.Form = TargetForm.Origin;
        head.PathRange = new ByteRange(start, target.PathEnd - start);
        head.HasPlainPath = target.HasPlainPath;
        head.HasQuery = target.PathEnd < target.End;
        if (head.HasQuery)
            head.QueryRange = new ByteRange(target.PathEnd + 1, target.End - target.PathEnd - 1);
        head.VersionMinor = isVersion11 ? (byte)1 : (byte)0;
        head.Section.LineStart = lineEnd;
        head.Section.Scanned = lineEnd;
        return true;
    }

    /// <summary>True for a target without escapes that a space ends.</summary>
    private static bool TryReadTarget(ReadOnlySpan<byte> bytes, int start, out Target target)
    {
        var pathEnd = -1;
        uint odd = 0;
        uint slashBefore = 0;
        for (var at = start; at < bytes.Length; at += HeadBlock.Bytes)
        {
            var block = new HeadBlock(bytes, at);
            var stops = block.Outside(TargetBytes.Allowed);
            var inside = stops == 0 ? uint.MaxValue : (stops & (0 - stops)) - 1;
            if ((block.Of((byte)'%') & inside) != 0)
                break;
            if (pathEnd < 0)
            {
                // A segment that is empty or begins with a dot, or has parameters: see CanonicalPath.
                var queries = block.Of((byte)'?') & inside;
                var slashes = block.Of((byte)'/');
                var inPath = queries == 0 ? inside : (queries & (0 - queries)) - 1;
                var oddAfterSlash = (slashes << 1 | slashBefore) & (slashes | block.Of((byte)'.'));
                odd |= (oddAfterSlash | block.Of((byte)';')) & inPath;
                slashBefore = slashes >> (HeadBlock.Bytes - 1);
                if (queries != 0)
                    pathEnd = at + BitOperations.TrailingZeroCount(queries);
            }

            if (stops == 0)
                continue;
            var end = at + BitOperations.TrailingZeroCount(stops);
            target = new Target(end, pathEnd < 0 ? end : pathEnd, odd == 0);
            return bytes[end] == ' ';
        }

        target = default;
        return false;
    }

    /// <summary>Offsets from the head's first byte.</summary>
    private readonly record struct Target(int End, int PathEnd, bool HasPlainPath);
}
