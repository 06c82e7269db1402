using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlane.Admin;

/// <summary>
/// Writes the admin listener's responses. Nothing of them may be stored: they are the state of a moment.
/// </summary>
public static class AdminAnswers
{
    public static Task TextAsync(HttpContext context, string text)
    {
        Begin(context.Response, StatusCodes.Status200OK, "text/plain; charset=utf-8");
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    public static Task JsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        Begin(context.Response, StatusCodes.Status200OK, "application/json");
        return JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }

    public static async Task BytesAsync(HttpContext context, string contentType, ReadOnlyMemory<byte> bytes)
    {
        Begin(context.Response, StatusCodes.Status200OK, contentType);
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }

    internal static Task ProblemAsync(HttpContext context, AdminProblem problem)
    {
        Begin(context.Response, problem.Status, "application/problem+json");
        return JsonSerializer.SerializeAsync(
            context.Response.Body, problem, AdminJson.Default.AdminProblem, context.RequestAborted);
    }

    public static Task ProblemAsync(HttpContext context, int status, string title, string detail) =>
        ProblemAsync(context, new AdminProblem("about:blank", title, status, detail));

    public static void Begin(HttpResponse response, int status, string contentType)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers[HeaderNames.CacheControl] = "no-store";
        response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
        // Nothing here is for pages of other sites to load, nor to show in a frame.
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers[HeaderNames.XFrameOptions] = "DENY";
    }
}
