using System.Numerics;
using System.Runtime.CompilerServices;

namespace DataPlane.Http.Headers;

/// <summary>Reads field lines, the same way for requests and responses. Lines that lie there whole and faultless, as
/// nearly all do, are read by a few questions to a <see cref="HeadBlock"/>; the others by two scans, one over the name
/// and one over the value, that find the end and the forbidden bytes at once and can go on at any byte.</summary>
internal static class FieldLineReader
{
    private const int LineEndBytes = 2;

    /// <summary>
    /// Adds the lines that are there to the section; what the new fields mean is to be applied before the answer is
    /// looked at, because a fault among them stands before any fault in the answer. May be called again with more bytes
    /// after <see cref="FieldLineStatus.Incomplete"/>. The verdict does not depend on how the bytes were split: no scan
    /// that decides looks past the limit.
    /// </summary>
    public static FieldLineStatus Read(ReadOnlySpan<byte> bytes, FieldSection section, in HeadLimits limits)
    {
        // Not in the middle of a line that came in pieces: that one is taken up where it was left.
        if (section.Scanned == section.LineStart && HasReadToEnd(bytes, section, limits))
            return FieldLineStatus.End;
        return ReadLine(bytes, section, limits);
    }

    /// <summary>
    /// Adds whole, faultless lines as long as there are any; true when the empty line follows them. Everything unusual
    /// is left, untouched, to <see cref="ReadLine"/>, which alone decides on faults: both agree on what a good line is,
    /// and tests feed both.
    /// </summary>
    private static bool HasReadToEnd(ReadOnlySpan<byte> bytes, FieldSection section, in HeadLimits limits)
    {
        if (bytes.Length > limits.HeadBytes)
            bytes = bytes[..limits.HeadBytes];
        if (!HeadBlock.CanRead(bytes))
            return false;
        var at = section.LineStart;
        while (at < bytes.Length)
        {
            var block = new HeadBlock(bytes, at);
            var nameLength = BitOperations.TrailingZeroCount(block.Outside(FieldBytes.TokenSet));
            var valueEnd = at;
            var stops = block.ValueStops;
            while (stops == 0 && (valueEnd += HeadBlock.Bytes) < bytes.Length)
                stops = new HeadBlock(bytes, valueEnd).ValueStops;
            valueEnd += BitOperations.TrailingZeroCount(stops);
            if (!IsLineEnd(bytes, valueEnd))
                break;
            if (valueEnd == at)
            {
                section.LineStart = section.Scanned = at + LineEndBytes;
                return true;
            }

            var nameEnd = at + nameLength;
            if (nameLength is <= 0 or >= HeadBlock.Bytes || bytes[nameEnd] != ':'
                || valueEnd - at > limits.LineBytes || section.Count == limits.FieldCount)
                break;
            AddField(bytes, at, nameEnd, valueEnd, section);
            at = valueEnd + LineEndBytes;
        }

        section.LineStart = section.Scanned = at;
        return false;
    }

    private static bool IsLineEnd(ReadOnlySpan<byte> bytes, int at) =>
        (uint)(at + 1) < (uint)bytes.Length && bytes[at] == '\r' && bytes[at + 1] == '\n';

    private static FieldLineStatus ReadLine(ReadOnlySpan<byte> bytes, FieldSection section, in HeadLimits limits)
    {
        var lineLimit = (int)Math.Min((long)section.LineStart + limits.LineBytes + LineEndBytes, limits.HeadBytes);
        if (bytes.Length > lineLimit)
            bytes = bytes[..lineLimit];

        if (section.NameEnd == 0)
        {
            var nameRun = bytes[section.Scanned..].IndexOfAnyExcept(FieldBytes.Token);
            if (nameRun < 0)
                return WaitFrom(bytes.Length, bytes.Length, lineLimit, section, limits);
            var nameEnd = section.Scanned + nameRun;
            if (nameEnd == section.LineStart || bytes[nameEnd] != ':')
                return EndOrFault(bytes, nameEnd, lineLimit, section, limits);
            section.NameEnd = nameEnd;
            section.Scanned = nameEnd + 1;
        }

        var valueRun = bytes[section.Scanned..].IndexOfAny(FieldBytes.ValueStop);
        if (valueRun < 0)
            return WaitFrom(bytes.Length, bytes.Length, lineLimit, section, limits);
        var valueEnd = section.Scanned + valueRun;
        if (bytes[valueEnd] != '\r')
            return Refuse(section, bytes[valueEnd] == '\n' ? HeadFault.BareLineFeed : HeadFault.BadFieldValue);
        if (valueEnd + 1 == bytes.Length)
            return WaitFrom(valueEnd, bytes.Length, lineLimit, section, limits);
        if (bytes[valueEnd + 1] != '\n')
            return Refuse(section, HeadFault.BareCarriageReturn);
        if (section.Count == limits.FieldCount)
            return Refuse(section, HeadFault.TooManyFields);

        AddField(bytes, section.LineStart, section.NameEnd, valueEnd, section);
        section.LineStart = valueEnd + LineEndBytes;
        section.Scanned = section.LineStart;
        section.NameEnd = 0;
        return FieldLineStatus.Field;
    }

    /// <summary>A CR is known to be at <paramref name="valueEnd"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddField(
        ReadOnlySpan<byte> bytes, int lineStart, int nameEnd, int valueEnd, FieldSection section)
    {
        var valueStart = nameEnd + 1;
        if (bytes[valueStart] == ' ')
            valueStart++;
        var valueLength = valueEnd - valueStart;
        // More white space, or some behind the value, or the CR of a value that is empty.
        if (bytes[valueStart] <= ' ' || bytes[valueEnd - 1] <= ' ')
        {
            var value = FieldBytes.Trim(bytes, nameEnd + 1, valueEnd);
            valueStart = value.Start;
            valueLength = value.Length;
        }

        var known = KnownHeaders.Identify(bytes[lineStart..nameEnd]);
        ref var field = ref section.Add(known);
        field.NameStart = lineStart;
        field.NameLength = nameEnd - lineStart;
        field.ValueStart = valueStart;
        field.ValueLength = valueLength;
        field.Known = known;
        field.HopByHop = KnownHeaders.IsHopByHop(known);
    }

    private static FieldLineStatus EndOrFault(
        ReadOnlySpan<byte> bytes, int at, int lineLimit, FieldSection section, in HeadLimits limits)
    {
        var isLineStart = at == section.LineStart;
        switch (bytes[at])
        {
            case (byte)'\r' when isLineStart && at + 1 == bytes.Length:
                return WaitFrom(at, bytes.Length, lineLimit, section, limits);
            case (byte)'\r' when isLineStart && bytes[at + 1] == '\n':
                section.LineStart = at + LineEndBytes;
                section.Scanned = section.LineStart;
                return FieldLineStatus.End;
            case (byte)'\r' when isLineStart:
                return Refuse(section, HeadFault.BareCarriageReturn);
            case (byte)'\r':
                return Refuse(section, HeadFault.MissingColon);
            case (byte)'\n':
                return Refuse(section, HeadFault.BareLineFeed);
            // RFC 9112 5.2, and 2.2 for white space behind the start line: both hide a field from somebody.
            case (byte)' ' or (byte)'\t' when isLineStart:
                return Refuse(section, HeadFault.LineFolding);
            case (byte)' ' or (byte)'\t':
                return Refuse(section, HeadFault.SpaceInFieldName);
            case (byte)':':
                return Refuse(section, HeadFault.EmptyFieldName);
            default:
                return Refuse(section, HeadFault.BadFieldName);
        }
    }

    private static FieldLineStatus WaitFrom(
        int scanned, int available, int lineLimit, FieldSection section, in HeadLimits limits)
    {
        section.Scanned = scanned;
        if (available < lineLimit)
            return FieldLineStatus.Incomplete;
        return Refuse(
            section, lineLimit == limits.HeadBytes ? HeadFault.HeadTooLarge : HeadFault.FieldLineTooLong);
    }

    private static FieldLineStatus Refuse(FieldSection section, HeadFault fault)
    {
        section.Fault = fault;
        return FieldLineStatus.Invalid;
    }
}
