using System.Globalization;
using System.Text;

namespace DataPlane.Gateway.Pipeline.Grpc;

/// <summary>
/// Local replies as a gRPC client understands them: HTTP 200, no body, the status in the head (trailers-only). Rendered
/// once per outcome and HTTP status. Any thread; 0 bytes after the first of its kind.
/// </summary>
public static class GrpcReplies
{
    private const int Kinds = 3;
    private const int Statuses = 600;

    private static readonly LocalReply?[] s_outcomes = new LocalReply?[Kinds * 256];
    private static readonly LocalReply?[] s_statuses = new LocalReply?[Kinds * Statuses];

    /// <summary>For a client's call that ended so.</summary>
    public static LocalReply For(GrpcKind kind, ExchangeOutcome outcome)
    {
        var entry = ErrorTable.Of(outcome);
        return s_outcomes[((int)kind - 1) * 256 + (int)outcome] ??=
            Render(kind, StatusOf(outcome, entry.StatusCode), entry.Detail);
    }

    /// <summary>For a reply of a policy that has an HTTP status.</summary>
    public static LocalReply For(GrpcKind kind, int status)
    {
        int known = status is >= 100 and < Statuses ? status : 500;
        return s_statuses[((int)kind - 1) * Statuses + known] ??=
            Render(kind, GrpcStatuses.OfHttp(known), StatusLines.Title(known));
    }

    /// <summary>The status of a call that ended with an outcome of ours.</summary>
    public static GrpcStatus StatusOf(ExchangeOutcome outcome, int httpStatus) => outcome switch
    {
        // A connect that takes too long is an upstream that is not there; the time of a call is not up yet.
        ExchangeOutcome.UpstreamConnectTimeout => GrpcStatus.Unavailable,
        ExchangeOutcome.UpstreamProtocolError => GrpcStatus.Internal,
        _ => GrpcStatuses.OfHttp(httpStatus),
    };

    private static LocalReply Render(GrpcKind kind, GrpcStatus status, string message) => new()
    {
        StatusCode = 200,
        Fields = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"Content-Type: {Encoding.ASCII.GetString(GrpcKinds.Type(kind))}\r\ngrpc-status: {(int)status}\r\n"
            + $"grpc-message: {GrpcMessage.Encode(message)}\r\n")),
        Body = [],
        GrpcStatus = (int)status,
    };
}
