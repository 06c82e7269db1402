using System.Text;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Pipeline.Grpc;

/// <summary>Tells gRPC by content types. 0 bytes; any thread.</summary>
public static class GrpcKinds
{
    /// <summary>What an exchange's request is; looks for a known field and, mostly, at its length.</summary>
    public static GrpcKind Of(Exchange exchange)
    {
        var request = exchange.Request;
        if (request.HeadLength == 0 || !request.TryFind(KnownHeader.ContentType, out var field)) return GrpcKind.None;
        return Of(field.Value(exchange.HeadBytes));
    }

    public static GrpcKind Of(ReadOnlySpan<byte> contentType)
    {
        if (!IsType(contentType, "application/grpc"u8, out var rest)) return GrpcKind.None;
        if (IsEnd(rest)) return GrpcKind.Grpc;
        if (!IsType(rest, "-web"u8, out rest)) return GrpcKind.None;
        if (IsEnd(rest)) return GrpcKind.Web;
        return IsType(rest, "-text"u8, out rest) && IsEnd(rest) ? GrpcKind.WebText : GrpcKind.None;
    }

    /// <summary>The base type, to which <c>+proto</c> and the like are appended.</summary>
    public static ReadOnlySpan<byte> Type(GrpcKind kind) => kind switch
    {
        GrpcKind.Web => "application/grpc-web"u8,
        GrpcKind.WebText => "application/grpc-web-text"u8,
        _ => "application/grpc"u8,
    };

    private static bool IsType(ReadOnlySpan<byte> text, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> rest)
    {
        bool isType = text.Length >= type.Length && Ascii.EqualsIgnoreCase(text[..type.Length], type);
        rest = isType ? text[type.Length..] : default;
        return isType;
    }

    private static bool IsEnd(ReadOnlySpan<byte> rest) =>
        rest.IsEmpty || rest[0] is (byte)'+' or (byte)';' or (byte)' ' or (byte)'\t';
}
