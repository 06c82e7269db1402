using System.Text;
using System.Text.Json;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// A response the gateway makes itself, rendered once. A problem (RFC 9457) has the request id between its two body
/// halves; any other reply has its whole body in <see cref="Body"/>. Immutable; any thread.
/// </summary>
public sealed class LocalReply
{
    private static readonly byte[] s_problemEnd = "\"}"u8.ToArray();

    public required int StatusCode { get; init; }

    /// <summary><c>Name: value CRLF</c> lines, without framing, Date and Connection.</summary>
    public required byte[] Fields { get; init; }

    public required byte[] Body { get; init; }

    public bool IsProblem { get; private init; }

    /// <summary>What a gRPC client is told; -1 for a reply that is not gRPC.</summary>
    public int GrpcStatus { get; init; } = -1;

    /// <summary>A problem document: type, title, status, detail, requestId.</summary>
    public static LocalReply Problem(int status, string title, string detail, string extraFields = "") => new()
    {
        StatusCode = status,
        Fields = Encoding.ASCII.GetBytes("Content-Type: application/problem+json\r\n" + extraFields),
        Body = Encoding.UTF8.GetBytes(
            $"{{\"type\":\"about:blank\",\"title\":{Json(title)},\"status\":{status},\"detail\":{Json(detail)}," +
            "\"requestId\":\""),
        IsProblem = true,
    };

    /// <summary>Puts the reply on the exchange and through the sink's buffer; nothing waits, 0 bytes.</summary>
    public void Send(Exchange exchange, ResponseSink sink)
    {
        var draft = exchange.Response;
        var id = IsProblem ? exchange.RequestId : default;
        draft.StatusCode = StatusCode;
        if (GrpcStatus >= 0) exchange.GrpcStatus = GrpcStatus;
        draft.Fields = Fields;
        draft.BodyLength = Body.Length + (IsProblem ? id.Length + s_problemEnd.Length : 0);
        sink.Start();
        sink.Append(Body);
        if (!IsProblem) return;
        sink.Append(id);
        sink.Append(s_problemEnd);
    }

    /// <summary>Sends the head of a reply that is no problem; its body is the caller's to write, all of it.</summary>
    public void Begin(Exchange exchange, ResponseSink sink)
    {
        exchange.Response.StatusCode = StatusCode;
        exchange.Response.Fields = Fields;
        exchange.Response.BodyLength = Body.Length;
        sink.Start();
    }

    private static string Json(string text) => JsonSerializer.Serialize(text, ReplyJson.Default.String);
}
