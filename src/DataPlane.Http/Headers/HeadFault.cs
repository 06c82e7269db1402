namespace DataPlane.Http.Headers;

/// <summary>What can be wrong with the fields of any head. <c>RequestFault</c> and <c>ResponseFault</c> begin with the
/// same names and values, so that the shared reader's verdict is theirs by a cast.</summary>
internal enum HeadFault : byte
{
    None = 0,
    BareLineFeed,
    BareCarriageReturn,
    LineFolding,
    EmptyFieldName,
    SpaceInFieldName,
    BadFieldName,
    MissingColon,
    BadFieldValue,
    FieldLineTooLong,
    HeadTooLarge,
    TooManyFields,
    FramingAlias,
    BadContentLength,
    ConflictingContentLength,
    ContentLengthWithTransferEncoding,
    DuplicateTransferEncoding,
    BadTransferEncoding,
    UnknownTransferCoding,
    TransferEncodingInHttp10,
    TooManyConnectionOptions,
}
