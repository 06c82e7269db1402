using System.Text;

namespace DataPlane.Http.Headers;

/// <summary>What Content-Length, Transfer-Encoding and Connection mean for a head, decided here and nowhere else:
/// request smuggling lives in second opinions.</summary>
internal static class FramingFields
{
    /// <summary>Bound of all Connection fields together, because each option is compared with each field.</summary>
    internal const int MaxConnectionOptions = 32;

    private const int MaxLengthDigits = 19; // long.MaxValue has as many, so the sum below cannot wrap an ulong

    /// <summary>To be called for every field once, in their order; a fault does not wait for the head's end.</summary>
    public static HeadFault Apply(
        ReadOnlySpan<byte> headBytes, FieldSection section, ref HeaderField field, byte versionMinor) =>
        field.Known switch
        {
            KnownHeader.ContentLength => ApplyContentLength(headBytes, section, ref field),
            KnownHeader.TransferEncoding => ApplyTransferEncoding(headBytes, section, field, versionMinor),
            KnownHeader.Connection => ApplyConnection(field.Value(headBytes), section),
            KnownHeader.FramingAlias => HeadFault.FramingAlias,
            _ => HeadFault.None,
        };

    /// <summary>To be called once, after the last field: a field may stand before the Connection naming it.</summary>
    public static void MarkNamedFields(ReadOnlySpan<byte> headBytes, FieldSection section)
    {
        if ((section.Options & ConnectionOptions.Named) == 0)
            return;
        foreach (ref readonly var field in section.Fields)
        {
            if (field.Known != KnownHeader.Connection)
                continue;
            var rest = field.Value(headBytes);
            while (ListMembers.TryTake(ref rest, out var option))
                MarkNamed(headBytes, section, option);
        }
    }

    private static HeadFault ApplyContentLength(
        ReadOnlySpan<byte> headBytes, FieldSection section, ref HeaderField field)
    {
        if (!TryParseLength(field.Value(headBytes), out var length))
            return HeadFault.BadContentLength;
        if (section.IsChunked)
            return HeadFault.ContentLengthWithTransferEncoding;
        if (section.HasContentLength)
        {
            if (section.ContentLength != length)
                return HeadFault.ConflictingContentLength;
            field.HopByHop = true; // RFC 9110 8.6: a repeated equal length is passed on once
        }

        section.HasContentLength = true;
        section.ContentLength = length;
        return HeadFault.None;
    }

    private static bool TryParseLength(ReadOnlySpan<byte> digits, out long length)
    {
        length = 0;
        if (digits.Length is 0 or > MaxLengthDigits)
            return false;
        var sum = 0UL;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            sum = (sum * 10) + (uint)(digit - '0');
        }

        length = (long)sum;
        return sum <= long.MaxValue;
    }

    private static HeadFault ApplyTransferEncoding(
        ReadOnlySpan<byte> headBytes, FieldSection section, in HeaderField field, byte versionMinor)
    {
        if (versionMinor == 0)
            return HeadFault.TransferEncodingInHttp10; // RFC 9112 6.1: framing is to be treated as faulty
        if (section.HasContentLength)
            return HeadFault.ContentLengthWithTransferEncoding;
        if (section.IsChunked)
            return HeadFault.DuplicateTransferEncoding;
        var value = field.Value(headBytes);
        if (!IsChunked(value))
            return IsUnknownCoding(value) ? HeadFault.UnknownTransferCoding : HeadFault.BadTransferEncoding;
        section.IsChunked = true;
        return HeadFault.None;
    }

    private static bool IsChunked(ReadOnlySpan<byte> value) => Ascii.EqualsIgnoreCase(value, "chunked"u8);

    /// <summary>Well-formed, but something we do not do: codings with chunked at the end (RFC 9112 6.1).</summary>
    private static bool IsUnknownCoding(ReadOnlySpan<byte> value)
    {
        var others = 0;
        var endsChunked = false;
        while (ListMembers.TryTake(ref value, out var coding))
        {
            if (endsChunked || !FieldBytes.IsToken(coding) || Ascii.EqualsIgnoreCase(coding, "identity"u8))
                return false;
            endsChunked = IsChunked(coding);
            others += endsChunked ? 0 : 1;
        }

        return endsChunked && others > 0;
    }

    private static HeadFault ApplyConnection(ReadOnlySpan<byte> value, FieldSection section)
    {
        // What clients and upstreams write day in, day out; counted like any other option.
        if (value.SequenceEqual("keep-alive"u8) || value.SequenceEqual("Keep-Alive"u8))
            return AddOption(section, ConnectionOptions.KeepAlive);
        if (value.SequenceEqual("close"u8))
            return AddOption(section, ConnectionOptions.Close);
        return ApplyOptions(value, section);
    }

    private static HeadFault ApplyOptions(ReadOnlySpan<byte> value, FieldSection section)
    {
        while (ListMembers.TryTake(ref value, out var option))
        {
            if (option.IsEmpty)
                continue;
            var fault = AddOption(section, option.Length switch
            {
                5 when Ascii.EqualsIgnoreCase(option, "close"u8) => ConnectionOptions.Close,
                10 when Ascii.EqualsIgnoreCase(option, "keep-alive"u8) => ConnectionOptions.KeepAlive,
                7 when Ascii.EqualsIgnoreCase(option, "upgrade"u8) => ConnectionOptions.Upgrade,
                _ => ConnectionOptions.Named,
            });
            if (fault != HeadFault.None)
                return fault;
        }

        return HeadFault.None;
    }

    private static HeadFault AddOption(FieldSection section, ConnectionOptions option)
    {
        section.Options |= option;
        return ++section.OptionCount > MaxConnectionOptions
            ? HeadFault.TooManyConnectionOptions
            : HeadFault.None;
    }

    private static void MarkNamed(ReadOnlySpan<byte> headBytes, FieldSection section, ReadOnlySpan<byte> option)
    {
        foreach (ref var field in section.Fields)
        {
            if (field.NameLength == option.Length
                && !KnownHeaders.IsProtected(field.Known)
                && Ascii.EqualsIgnoreCase(field.Name(headBytes), option))
                field.HopByHop = true;
        }
    }
}
