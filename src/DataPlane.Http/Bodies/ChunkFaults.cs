namespace DataPlane.Http.Bodies;

/// <summary>Texts of <see cref="ChunkFault"/>: constants, nothing of the peer's bytes. Any thread; 0 bytes.</summary>
public static class ChunkFaults
{
    public static string Detail(ChunkFault fault) => fault switch
    {
        ChunkFault.None => "",
        ChunkFault.BadSize => "A chunk size is not hexadecimal.",
        ChunkFault.SizeTooLarge => "A chunk size is too large.",
        ChunkFault.BadExtension => "A chunk extension is malformed.",
        ChunkFault.ExtensionTooLong => "The chunk extensions are longer than allowed.",
        ChunkFault.BareLineFeed => "A line of the chunked body ends in LF without CR.",
        ChunkFault.BareCarriageReturn => "A CR in the chunked body is not followed by LF.",
        ChunkFault.MissingDataEnd => "Chunk data is not followed by CRLF.",
        ChunkFault.BadTrailer => "A trailer line is malformed.",
        ChunkFault.TrailerTooLarge => "The trailers are longer than allowed.",
        ChunkFault.TooManyTrailers => "There are more trailers than allowed.",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, message: null),
    };

    public static string MetricLabel(ChunkFault fault) => fault switch
    {
        ChunkFault.None => "none",
        ChunkFault.BadSize => "bad_chunk_size",
        ChunkFault.SizeTooLarge => "chunk_size_too_large",
        ChunkFault.BadExtension => "bad_chunk_extension",
        ChunkFault.ExtensionTooLong => "chunk_extension_too_long",
        ChunkFault.BareLineFeed => "chunk_bare_lf",
        ChunkFault.BareCarriageReturn => "chunk_bare_cr",
        ChunkFault.MissingDataEnd => "missing_chunk_end",
        ChunkFault.BadTrailer => "bad_trailer",
        ChunkFault.TrailerTooLarge => "trailer_too_large",
        ChunkFault.TooManyTrailers => "too_many_trailers",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, message: null),
    };
}
