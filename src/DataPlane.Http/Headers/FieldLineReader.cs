namespace DataPlane.Http.Headers;

/// <summary>Reads one field line at a time, the same way for requests and responses. A line costs two vectorised scans,
/// one over the name and one over the value; both find the end and the forbidden bytes at once.</summary>
internal static class FieldLineReader
{
    private const int LineEndBytes = 2;

    /// <summary>May be called again with more bytes after <see cref="FieldLineStatus.Incomplete"/>. The verdict does
    /// not depend on how the bytes were split: no scan looks past the limit.</summary>
    public static FieldLineStatus Read(ReadOnlySpan<byte> bytes, FieldSection section, in HeadLimits limits)
    {
        // Not in the middle of a line that came in pieces: that one is taken up where it was left.
        if (section.Scanned == section.LineStart && ReadPlainLines(bytes, section, limits))
            return FieldLineStatus.Field;
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

    /// <summary>
    /// Adds whole, faultless lines as long as there are any, without going through the section's state between them;
    /// true after a field whose meaning must be applied before the next. Everything unusual is left, untouched, to the
    /// careful reader, which alone decides on faults: both agree on what a good line is, and tests feed both.
    /// </summary>
    private static bool ReadPlainLines(ReadOnlySpan<byte> bytes, FieldSection section, in HeadLimits limits)
    {
        var at = section.LineStart;
        var hasMeaning = false;
        while (!hasMeaning && section.Count < limits.FieldCount)
        {
            var lineLimit = (int)Math.Min((long)at + limits.LineBytes + LineEndBytes, limits.HeadBytes);
            var line = bytes[at..Math.Min(bytes.Length, lineLimit)];
            var nameEnd = FieldBytes.CountToken(line);
            if (nameEnd == 0 || nameEnd == line.Length || line[nameEnd] != ':')
                break;
            var valueEnd = FieldBytes.IndexOfValueStop(line, nameEnd + 1);
            if (valueEnd < 0 || valueEnd + 1 >= line.Length || line[valueEnd] != '\r' || line[valueEnd + 1] != '\n')
                break;
            var known = AddField(bytes, at, at + nameEnd, at + valueEnd, section);
            at += valueEnd + LineEndBytes;
            hasMeaning = KnownHeaders.HasMeaning(known);
        }

        section.LineStart = at;
        section.Scanned = at;
        return hasMeaning;
    }

    private static KnownHeader AddField(
        ReadOnlySpan<byte> bytes, int lineStart, int nameEnd, int valueEnd, FieldSection section)
    {
        var name = bytes[lineStart..nameEnd];
        var known = KnownHeaders.Identify(name);
        var value = FieldBytes.Trim(bytes, nameEnd + 1, valueEnd);
        ref var field = ref section.Add(known);
        field.NameStart = lineStart;
        field.NameLength = name.Length;
        field.ValueStart = value.Start;
        field.ValueLength = value.Length;
        field.Known = known;
        field.HopByHop = KnownHeaders.IsHopByHop(known);
        return known;
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
