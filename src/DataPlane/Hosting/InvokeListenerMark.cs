using Microsoft.AspNetCore.Http;

namespace DataPlane.Hosting;

/// <summary>A connection came in on the listener that takes signed Invoke requests and nothing else.</summary>
internal sealed class InvokeListenerMark
{
    public static InvokeListenerMark Instance { get; } = new();

    public static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
