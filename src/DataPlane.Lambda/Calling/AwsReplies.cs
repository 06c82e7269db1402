using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// What clients hear when a function gave no usable answer, in the words of AWS. Rendered once; 0 bytes.
/// </summary>
internal static class AwsReplies
{
    private static readonly LocalReply s_rest = Reply(
        502, "{\"message\":\"Internal server error\"}", "x-amzn-ErrorType: InternalServerErrorException\r\n");

    private static readonly LocalReply s_http = Reply(500, "{\"message\":\"Internal Server Error\"}");

    private static readonly LocalReply s_tooLargeRest = Reply(
        413, "{\"message\":\"Request Too Long\"}", "x-amzn-ErrorType: RequestTooLargeException\r\n");

    private static readonly LocalReply s_tooLargeHttp = Reply(413, "{\"message\":\"Request Entity Too Large\"}");

    private static readonly LocalReply s_alb = Page(502, "502 Bad Gateway");

    private static readonly LocalReply s_tooLargeAlb = Page(413, "413 Request Entity Too Large");

    public static LocalReply ReservedExceeded { get; } =
        Throttled("ReservedFunctionConcurrentInvocationLimitExceeded");

    public static LocalReply QueueFull { get; } = Throttled("ConcurrentInvocationLimitExceeded");

    public static LocalReply QueueFailed { get; } = Reply(
        500, "{\"Type\":\"Service\",\"message\":\"The event could not be stored.\"}",
        "x-amzn-ErrorType: ServiceException\r\n");

    public static LocalReply NotJson { get; } = Reply(
        400, "{\"Type\":\"User\",\"message\":\"Could not parse request body into json\"}",
        "x-amzn-ErrorType: InvalidRequestContentException\r\n");

    public static LocalReply Accepted { get; } = new() { StatusCode = 202, Fields = [], Body = [] };

    public static LocalReply Failure(FunctionEventFormat format) => format switch
    {
        FunctionEventFormat.Rest => s_rest,
        FunctionEventFormat.Alb or FunctionEventFormat.AlbMultiValue => s_alb,
        _ => s_http,
    };

    public static LocalReply TooLarge(FunctionEventFormat format) => format switch
    {
        FunctionEventFormat.Rest => s_tooLargeRest,
        FunctionEventFormat.Alb or FunctionEventFormat.AlbMultiValue => s_tooLargeAlb,
        _ => s_tooLargeHttp,
    };

    private static LocalReply Throttled(string reason) => Reply(
        429, $"{{\"Reason\":\"{reason}\",\"Type\":\"User\",\"message\":\"Rate Exceeded.\"}}",
        "x-amzn-ErrorType: TooManyRequestsException\r\nRetry-After: 1\r\n");

    private static LocalReply Page(int status, string title) => new()
    {
        StatusCode = status,
        Fields = Encoding.ASCII.GetBytes("Content-Type: text/html\r\n"),
        Body = Encoding.ASCII.GetBytes(
            $"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
            + "</body>\r\n</html>\r\n"),
    };

    private static LocalReply Reply(int status, string body, string more = "") => new()
    {
        StatusCode = status,
        Fields = Encoding.ASCII.GetBytes("Content-Type: application/json\r\n" + more),
        Body = Encoding.UTF8.GetBytes(body),
    };
}
