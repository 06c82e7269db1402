namespace DataPlane.Http.Bodies;

/// <summary>Why a chunked body is refused: 400 for a client's, 502 or an abort for an upstream's.</summary>
public enum ChunkFault : byte
{
    None = 0,
    BadSize,
    SizeTooLarge,
    BadExtension,
    ExtensionTooLong,
    BareLineFeed,
    BareCarriageReturn,
    MissingDataEnd,
    BadTrailer,
    TrailerTooLarge,
    TooManyTrailers,
}
