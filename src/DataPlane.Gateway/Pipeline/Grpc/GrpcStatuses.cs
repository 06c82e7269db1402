using System.Buffers.Text;

namespace DataPlane.Gateway.Pipeline.Grpc;

/// <summary>gRPC statuses and HTTP statuses, each as the other. 0 bytes; any thread.</summary>
public static class GrpcStatuses
{
    public const int Count = (int)GrpcStatus.Unauthenticated + 1;

    /// <summary>
    /// What a client is told for an HTTP status of ours. Source: grpc/doc/http-grpc-status-mapping.md, and for statuses
    /// it calls unknown, what they mean: our 504 is a time that was up, our 413 a bound, our 405 a missing method.
    /// </summary>
    public static GrpcStatus OfHttp(int status) => status switch
    {
        200 => GrpcStatus.Ok,
        400 or 500 => GrpcStatus.Internal,
        401 => GrpcStatus.Unauthenticated,
        403 => GrpcStatus.PermissionDenied,
        404 or 405 => GrpcStatus.Unimplemented,
        408 or 504 => GrpcStatus.DeadlineExceeded,
        413 => GrpcStatus.ResourceExhausted,
        429 or 502 or 503 => GrpcStatus.Unavailable,
        499 => GrpcStatus.Cancelled,
        _ => GrpcStatus.Unknown,
    };

    /// <summary>
    /// The HTTP status that speaks about an endpoint as this one does: health and circuit breaker judge by it. A
    /// deadline is set by the client, and speaks about nobody.
    /// </summary>
    public static int ToHttp(int status) => status switch
    {
        (int)GrpcStatus.Unknown or (int)GrpcStatus.Internal or (int)GrpcStatus.DataLoss => 500,
        (int)GrpcStatus.Unavailable => 503,
        _ => 200,
    };

    /// <summary>The value of a grpc-status field; -1 for what is none.</summary>
    public static int Parse(ReadOnlySpan<byte> value) =>
        Utf8Parser.TryParse(value, out int status, out int read) && read == value.Length && status >= 0 ? status : -1;
}
