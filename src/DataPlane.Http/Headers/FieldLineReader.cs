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

        AddField(bytes, valueEnd, section);
        return FieldLineStatus.Field;
    }

    private static void AddField(ReadOnlySpan<byte> bytes, int valueEnd, FieldSection section)
    {
        var name = bytes[section.LineStart..section.NameEnd];
        var known = KnownHeaders.Identify(name);
        var value = FieldBytes.Trim(bytes, section.NameEnd + 1, valueEnd);
        ref var field = ref section.Add(known);
        field.NameStart = section.LineStart;
        field.NameLength = name.Length;
        field.ValueStart = value.Start;
        field.ValueLength = value.Length;
        field.Known = known;
        field.HopByHop = KnownHeaders.IsHopByHop(known);
        section.LineStart = valueEnd + LineEndBytes;
        section.Scanned = section.LineStart;
        section.NameEnd = 0;
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
