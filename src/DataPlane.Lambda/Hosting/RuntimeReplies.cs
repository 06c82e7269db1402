using System.Text;

namespace DataPlane.Lambda.Hosting;

/// <summary>The answers of the Runtime API, rendered once, in the words of Lambda's own. 0 bytes.</summary>
internal static class RuntimeReplies
{
    private static readonly byte[] s_wrongId =
        Error("400 Bad Request", "InvalidRequestID", "Invalid request ID");

    private static readonly byte[] s_secondAnswer = Error(
        "403 Forbidden", "InvalidStateTransition", "State transition is not allowed: the event is answered.");

    private static readonly byte[] s_notFound = Error("404 Not Found", "NotFound", "404 page not found");

    private static readonly byte[] s_wrongMethod = Error("405 Method Not Allowed", "MethodNotAllowed", "");

    private static readonly byte[] s_pong = Reply("200 OK", "text/plain", "pong");

    public static byte[] Continue { get; } = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    public static byte[] Accepted { get; } = Reply("202 Accepted", "application/json", "{\"status\":\"OK\"}\n");

    public static byte[] BadRequest { get; } =
        Error("400 Bad Request", "InvalidRequest", "The request is not HTTP/1.1.");

    public static byte[] TooLarge { get; } = Error(
        "413 Request Entity Too Large", "RequestEntityTooLarge",
        $"Exceeded maximum allowed payload size ({LambdaLimits.PayloadBytes} bytes).");

    /// <summary>What the caller of a function hears whose answer was refused as too large.</summary>
    public static byte[] ResponseTooLarge { get; } = Encoding.UTF8.GetBytes(
        "{\"errorMessage\":\"Response payload size exceeded maximum allowed payload size ("
        + $"{LambdaLimits.PayloadBytes} bytes).\",\"errorType\":\"Function.ResponseSizeTooLarge\"}}");

    public static byte[] Of(RuntimeRequest request) => request switch
    {
        RuntimeRequest.Ping => s_pong,
        RuntimeRequest.WrongId => s_wrongId,
        RuntimeRequest.SecondAnswer => s_secondAnswer,
        RuntimeRequest.WrongMethod => s_wrongMethod,
        _ => s_notFound,
    };

    private static byte[] Error(string status, string type, string message) => Reply(
        status, "application/json", $"{{\"errorMessage\":\"{message}\",\"errorType\":\"{type}\"}}\n");

    private static byte[] Reply(string status, string type, string body) => Encoding.UTF8.GetBytes(
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\n"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
}
