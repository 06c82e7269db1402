using DataPlane.Http.Headers;

namespace DataPlane.Http.Responses;

/// <summary>Why a response head is refused. The client gets 502 for every one of them; the labels tell
/// operators.</summary>
public enum ResponseFault : byte
{
    None = HeadFault.None,
    BareLineFeed = HeadFault.BareLineFeed,
    BareCarriageReturn = HeadFault.BareCarriageReturn,
    LineFolding = HeadFault.LineFolding,
    EmptyFieldName = HeadFault.EmptyFieldName,
    SpaceInFieldName = HeadFault.SpaceInFieldName,
    BadFieldName = HeadFault.BadFieldName,
    MissingColon = HeadFault.MissingColon,
    BadFieldValue = HeadFault.BadFieldValue,
    FieldLineTooLong = HeadFault.FieldLineTooLong,
    HeadTooLarge = HeadFault.HeadTooLarge,
    TooManyFields = HeadFault.TooManyFields,
    FramingAlias = HeadFault.FramingAlias,
    BadContentLength = HeadFault.BadContentLength,
    ConflictingContentLength = HeadFault.ConflictingContentLength,
    ContentLengthWithTransferEncoding = HeadFault.ContentLengthWithTransferEncoding,
    DuplicateTransferEncoding = HeadFault.DuplicateTransferEncoding,
    BadTransferEncoding = HeadFault.BadTransferEncoding,
    UnknownTransferCoding = HeadFault.UnknownTransferCoding,
    TransferEncodingInHttp10 = HeadFault.TransferEncodingInHttp10,
    TooManyConnectionOptions = HeadFault.TooManyConnectionOptions,

    BadVersion,
    UnsupportedVersion,
    BadStatusCode,
    BadReason,
    StatusLineTooLong,
}
