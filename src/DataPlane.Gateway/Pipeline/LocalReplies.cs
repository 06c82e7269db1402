using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Pipeline;

/// <summary>The gateway's own replies to what went wrong, rendered once at start. Any thread; 0 bytes.</summary>
public static class LocalReplies
{
    private static readonly LocalReply[] s_outcomes = Array.ConvertAll(Enum.GetValues<ExchangeOutcome>(), Of);
    private static readonly LocalReply[] s_requestFaults = Array.ConvertAll(Enum.GetValues<RequestFault>(), Of);
    private static readonly LocalReply[] s_pathFaults = Array.ConvertAll(Enum.GetValues<PathFault>(), Of);

    /// <summary>Answer to <c>OPTIONS *</c>: the server as a whole takes these methods (RFC 9110 9.3.7).</summary>
    public static LocalReply ServerOptions { get; } = new()
    {
        StatusCode = 200,
        Fields = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, QUERY\r\n"u8.ToArray(),
        Body = [],
    };

    public static LocalReply For(ExchangeOutcome outcome) => s_outcomes[(int)outcome];

    public static LocalReply For(RequestFault fault) => s_requestFaults[(int)fault];

    public static LocalReply For(PathFault fault) => s_pathFaults[(int)fault];

    /// <summary>
    /// For an exchange that ended so: the one it was given, or the outcome's. A gRPC client understands no problem
    /// document; asked only when there is something to say.
    /// </summary>
    public static LocalReply For(Exchange exchange, ExchangeOutcome outcome)
    {
        var kind = outcome == ExchangeOutcome.Http2Required ? GrpcKind.None : GrpcKinds.Of(exchange);
        if (exchange.Reply is { } reply)
            return kind == GrpcKind.None || reply.StatusCode < 400 ? reply : GrpcReplies.For(kind, reply.StatusCode);
        return kind == GrpcKind.None ? For(outcome) : GrpcReplies.For(kind, outcome);
    }

    private static LocalReply Of(ExchangeOutcome outcome)
    {
        var entry = ErrorTable.Of(outcome);
        // Retry-After: one second is what the pool needs to try a failed endpoint again.
        string extra = entry.StatusCode == 503 ? "Retry-After: 1\r\n" : "";
        return LocalReply.Problem(entry.StatusCode, StatusLines.Title(entry.StatusCode), entry.Detail, extra);
    }

    private static LocalReply Of(RequestFault fault)
    {
        int status = RequestFaults.StatusCode(fault);
        return LocalReply.Problem(status, StatusLines.Title(status), RequestFaults.Detail(fault));
    }

    private static LocalReply Of(PathFault fault) =>
        LocalReply.Problem(400, StatusLines.Title(400), PathFaults.Detail(fault));
}
