namespace DataPlane.Gateway.Pipeline.Grpc;

/// <summary>Which of gRPC's forms a message has, by its content type.</summary>
public enum GrpcKind : byte
{
    None,

    /// <summary><c>application/grpc</c>, over HTTP/2.</summary>
    Grpc,

    /// <summary><c>application/grpc-web</c>: trailers are the last frame of the body.</summary>
    Web,

    /// <summary><c>application/grpc-web-text</c>: as <see cref="Web"/>, in base64.</summary>
    WebText,
}
