namespace DataPlane.Http.Responses;

/// <summary>Stable labels of <see cref="ResponseFault"/> for metrics and logs. Any thread; 0 bytes.</summary>
public static class ResponseFaults
{
    public static string MetricLabel(ResponseFault fault) => fault switch
    {
        ResponseFault.None => "none",
        ResponseFault.BareLineFeed => "bare_lf",
        ResponseFault.BareCarriageReturn => "bare_cr",
        ResponseFault.LineFolding => "line_folding",
        ResponseFault.EmptyFieldName => "empty_field_name",
        ResponseFault.SpaceInFieldName => "space_in_field_name",
        ResponseFault.BadFieldName => "bad_field_name",
        ResponseFault.MissingColon => "missing_colon",
        ResponseFault.BadFieldValue => "bad_field_value",
        ResponseFault.FieldLineTooLong => "field_line_too_long",
        ResponseFault.HeadTooLarge => "head_too_large",
        ResponseFault.TooManyFields => "too_many_fields",
        ResponseFault.FramingAlias => "framing_alias",
        ResponseFault.BadContentLength => "bad_content_length",
        ResponseFault.ConflictingContentLength => "conflicting_content_length",
        ResponseFault.ContentLengthWithTransferEncoding => "length_and_encoding",
        ResponseFault.DuplicateTransferEncoding => "duplicate_transfer_encoding",
        ResponseFault.BadTransferEncoding => "bad_transfer_encoding",
        ResponseFault.UnknownTransferCoding => "unknown_transfer_coding",
        ResponseFault.TransferEncodingInHttp10 => "transfer_encoding_in_http10",
        ResponseFault.TooManyConnectionOptions => "too_many_connection_options",
        ResponseFault.BadVersion => "bad_version",
        ResponseFault.UnsupportedVersion => "unsupported_version",
        ResponseFault.BadStatusCode => "bad_status_code",
        ResponseFault.BadReason => "bad_reason",
        ResponseFault.StatusLineTooLong => "status_line_too_long",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, message: null),
    };
}
