using DataPlane.Gateway.Recording;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlane.Admin;

/// <summary>
/// The admin listener's whole surface as one request delegate: a switch on the path, without the routing and binding
/// layers, whose memory a gateway has better uses for. Hand <see cref="HandleAsync"/> to Kestrel.
/// </summary>
public sealed class AdminEndpoints(IAdminSource source, AdminOptions options)
{
    private const string Index =
        """
        DataPlane admin
        GET  /healthz    the process lives
        GET  /readyz     it wants traffic
        GET  /metrics    Prometheus text 0.0.4, OpenMetrics 1.0 by Accept
        GET  /config     effective configuration, secrets masked
        GET  /routes     compiled routes in match order
        GET  /upstreams  endpoints, health and connections
        POST /drain      finish what is in flight, take nothing new

        """;

    private readonly AdminAccess _access = new(options);

    public Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        var (methods, answer) = Find(path);
        // Probes come from an orchestrator that has no token and calls the machine by its address, and tell nothing
        // that it could not find out by sending a request.
        var refusal = path is "/healthz" or "/readyz" ? null : _access.Check(context, anyHost: path == "/metrics");
        if (refusal is not null) return AdminAnswers.ProblemAsync(context, refusal);
        if (answer is null)
        {
            return AdminAnswers.ProblemAsync(
                context, StatusCodes.Status404NotFound, "Not Found", "GET / lists what the admin listener has.");
        }
        if (IsAllowed(context.Request.Method, methods)) return answer(context);
        context.Response.Headers[HeaderNames.Allow] = methods;
        return AdminAnswers.ProblemAsync(
            context, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed", $"{path} takes {methods}.");
    }

    private static bool IsAllowed(string method, string methods) =>
        methods == HttpMethods.Post
            ? HttpMethods.IsPost(method)
            : HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private (string Methods, RequestDelegate? Answer) Find(string path)
    {
        const string Read = "GET, HEAD";
        return path switch
        {
            "/" => (Read, context => AdminAnswers.TextAsync(context, Index)),
            "/healthz" => (Read, context => AdminAnswers.TextAsync(context, "ok\n")),
            "/readyz" => (Read, ReadyAsync),
            "/metrics" => (Read, MetricsAsync),
            "/config" => (Read, ConfigAsync),
            "/routes" => (Read, context => AdminAnswers.JsonAsync(
                context, source.Routes, AdminJson.Default.IReadOnlyListAdminRoute)),
            "/upstreams" => (Read, context => AdminAnswers.JsonAsync(
                context, source.Upstreams, AdminJson.Default.IReadOnlyListAdminUpstream)),
            "/drain" => (HttpMethods.Post, DrainAsync),
            _ => ("", null),
        };
    }

    private Task ReadyAsync(HttpContext context) => source.IsReady(out string reason)
        ? AdminAnswers.TextAsync(context, "ready\n")
        : AdminAnswers.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "Not Ready", reason);

    private async Task MetricsAsync(HttpContext context)
    {
        var format = PrometheusFormats.Negotiate(context.Request.Headers.Accept.ToString());
        AdminAnswers.Begin(context.Response, StatusCodes.Status200OK, PrometheusFormats.ContentTypeOf(format));
        source.WriteMetrics(context.Response.BodyWriter, format);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private Task ConfigAsync(HttpContext context)
    {
        string tag = $"\"{source.ConfigVersion}\"";
        context.Response.Headers[HeaderNames.ETag] = tag;
        // The tag is read before the configuration: a reload in between sends the new one under the old tag, which
        // costs a client one more request and never shows it an old configuration as current.
        if (!HasTag(context.Request, tag))
        {
            return AdminAnswers.BytesAsync(context, "application/json", source.EffectiveConfigJson());
        }
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    /// <summary>If-None-Match compares weakly (RFC 9110 13.1.2).</summary>
    private static bool HasTag(HttpRequest request, string tag) =>
        request.Headers.IfNoneMatch.ToString()
            .Split(',', StringSplitOptions.TrimEntries)
            .Any(each => each == "*" || each == tag || each == "W/" + tag);

    private async Task DrainAsync(HttpContext context)
    {
        source.BeginDrain();
        AdminAnswers.Begin(context.Response, StatusCodes.Status202Accepted, "text/plain; charset=utf-8");
        await context.Response.WriteAsync("draining\n", context.RequestAborted);
    }
}
