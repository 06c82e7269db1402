using DataPlane.Http.Headers;

namespace DataPlane.Http.Requests;

/// <summary>Why a request head is refused, one value per reason. <see cref="RequestFaults"/> has status and
/// texts.</summary>
public enum RequestFault : byte
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

    BadMethod,
    MethodTooLong,
    MissingTarget,
    BadTargetByte,
    BadEscape,
    MissingVersion,
    BadVersion,
    UnsupportedVersion,
    RequestLineTooLong,
    ConnectRefused,
    BadTargetForm,
    UnsupportedScheme,
    BadAuthority,
    MissingHost,
    DuplicateHost,
    BadHost,
    HostMismatch,
    BadExpect,

    /// <summary>HTTP/2 only: see <see cref="Http2HeadWriter"/>.</summary>
    ConnectionField,
}
