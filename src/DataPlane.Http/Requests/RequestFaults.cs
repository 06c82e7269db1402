namespace DataPlane.Http.Requests;

/// <summary>What to answer to each <see cref="RequestFault"/>; the connection closes after every one of them. The texts
/// are constants and never contain bytes of the peer. Any thread; 0 bytes.</summary>
public static class RequestFaults
{
    private static readonly Entry[] s_entries = Build();

    /// <summary>0 for <see cref="RequestFault.None"/>.</summary>
    public static int StatusCode(RequestFault fault) => s_entries[(int)fault].Status;

    /// <summary>The reason phrase of the status.</summary>
    public static string Title(RequestFault fault) => s_entries[(int)fault].Status switch
    {
        414 => "URI Too Long",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "Bad Request",
    };

    /// <summary>One sentence for the person who wrote the client.</summary>
    public static string Detail(RequestFault fault) => s_entries[(int)fault].Detail;

    /// <summary>snake_case, stable, one per fault: the <c>reason</c> of <c>rejected_requests_total</c>.</summary>
    public static string MetricLabel(RequestFault fault) => s_entries[(int)fault].Label;

    private static Entry[] Build()
    {
        var entries = new Entry[Enum.GetValues<RequestFault>().Length];
        foreach (var fault in Enum.GetValues<RequestFault>())
            entries[(int)fault] = Describe(fault);
        return entries;
    }

    private static Entry Describe(RequestFault fault) => fault switch
    {
        RequestFault.None => new(0, "none", ""),

        RequestFault.BareLineFeed => new(400, "bare_lf", "A line ends in LF without CR."),
        RequestFault.BareCarriageReturn => new(400, "bare_cr", "A CR is not followed by LF."),
        RequestFault.LineFolding => new(400, "line_folding", "A header line begins with white space."),
        RequestFault.EmptyFieldName => new(400, "empty_field_name", "A header line has no name."),
        RequestFault.SpaceInFieldName => new(400, "space_in_field_name", "White space stands before a header's colon."),
        RequestFault.BadFieldName => new(400, "bad_field_name", "A header name contains a forbidden character."),
        RequestFault.MissingColon => new(400, "missing_colon", "A header line has no colon."),
        RequestFault.BadFieldValue => new(400, "bad_field_value", "A header value contains a control character."),
        RequestFault.FieldLineTooLong => new(431, "field_line_too_long", "A header line is longer than allowed."),
        RequestFault.HeadTooLarge => new(431, "head_too_large", "The request's head is larger than allowed."),
        RequestFault.TooManyFields => new(431, "too_many_fields", "There are more headers than allowed."),

        RequestFault.FramingAlias =>
            new(400, "framing_alias", "A header imitates Content-Length or Transfer-Encoding."),
        RequestFault.BadContentLength => new(400, "bad_content_length", "Content-Length is not a decimal number."),
        RequestFault.ConflictingContentLength =>
            new(400, "conflicting_content_length", "There are two different Content-Length headers."),
        RequestFault.ContentLengthWithTransferEncoding =>
            new(400, "length_and_encoding", "Content-Length and Transfer-Encoding exclude each other."),
        RequestFault.DuplicateTransferEncoding =>
            new(400, "duplicate_transfer_encoding", "There is more than one Transfer-Encoding header."),
        RequestFault.BadTransferEncoding => new(400, "bad_transfer_encoding", "Transfer-Encoding must be chunked."),
        RequestFault.UnknownTransferCoding =>
            new(501, "unknown_transfer_coding", "Only the transfer coding chunked is implemented."),
        RequestFault.TransferEncodingInHttp10 =>
            new(400, "transfer_encoding_in_http10", "HTTP/1.0 has no Transfer-Encoding."),
        RequestFault.TooManyConnectionOptions =>
            new(400, "too_many_connection_options", "The Connection header lists more options than allowed."),

        RequestFault.BadMethod => new(400, "bad_method", "The method is not a token."),
        RequestFault.MethodTooLong => new(501, "method_too_long", "No method is that long."),
        RequestFault.MissingTarget => new(400, "missing_target", "The request line has no target."),
        RequestFault.BadTargetByte => new(400, "bad_target_byte", "The target contains a forbidden character."),
        RequestFault.BadEscape => new(400, "bad_escape", "A percent sign is not followed by two hexadecimal digits."),
        RequestFault.MissingVersion => new(400, "missing_version", "The request line has no HTTP version."),
        RequestFault.BadVersion => new(400, "bad_version", "The HTTP version is malformed."),
        RequestFault.UnsupportedVersion => new(505, "unsupported_version", "Only HTTP/1.1 and HTTP/1.0 are spoken."),
        RequestFault.RequestLineTooLong => new(414, "request_line_too_long", "The request line is too long."),
        RequestFault.ConnectRefused => new(501, "connect_refused", "CONNECT is not implemented."),
        RequestFault.BadTargetForm => new(400, "bad_target_form", "The target's form does not fit the method."),
        RequestFault.UnsupportedScheme => new(400, "unsupported_scheme", "The target's scheme is not http or https."),
        RequestFault.BadAuthority => new(400, "bad_authority", "The target's authority is malformed."),

        RequestFault.MissingHost => new(400, "missing_host", "HTTP/1.1 requires a Host header."),
        RequestFault.DuplicateHost => new(400, "duplicate_host", "There is more than one Host header."),
        RequestFault.BadHost => new(400, "bad_host", "The Host header is malformed."),
        RequestFault.HostMismatch => new(400, "host_mismatch", "Target and Host header name different hosts."),
        RequestFault.BadExpect => new(417, "bad_expect", "The only expectation understood is 100-continue."),
        RequestFault.ConnectionField =>
            new(400, "connection_field", "A header speaks about the connection, which HTTP/2 does not allow."),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, message: null),
    };

    private readonly record struct Entry(int Status, string Label, string Detail);
}
