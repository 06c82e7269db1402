using DataPlane.Gateway.Recording;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace DataPlane.Admin;

/// <summary>
/// The admin listener's whole surface as one request delegate: a switch on the path, without the routing and binding
/// layers, whose memory a gateway has better uses for. Hand <see cref="HandleAsync"/> to Kestrel.
/// </summary>
public sealed class AdminEndpoints(
    IAdminSource source, AdminOptions options, AdminJournal journal, IConfigControl? config = null)
{
    private const string Index =
        """
        DataPlane admin
        GET  /                    the status page; this list with Accept: text/plain
        GET  /healthz             the process lives
        GET  /readyz              it wants traffic
        GET  /metrics             Prometheus text 0.0.4, OpenMetrics 1.0 by Accept
        GET  /config              effective configuration, secrets masked
        PUT  /config              a new configuration, YAML or JSON, with If-Match
        GET  /config/generations  the configurations so far, and what became of them
        GET  /routes              compiled routes in match order
        GET  /upstreams           endpoints, health and connections
        GET  /functions           functions and their environments
        GET  /functions/NAME/logs what a function wrote last
        GET  /connections         client connections; ?offset= and ?limit=
        GET  /errors              the last failed exchanges; ?limit=
        POST /explain             what would happen to a request, and why
        POST /cache/purge         take stored responses out, by key, prefix or tag
        POST /drain               finish what is in flight, take nothing new
        POST /2015-03-31/functions/NAME/invocations   Lambda's Invoke API

        """;

    private readonly AdminAccess _access = new(options, journal);
    private readonly ConfigEndpoints _config = new(source, journal, config);

    /// <summary>Further paths: their methods and who answers, or null for a path that is not theirs either.</summary>
    public Func<string, (string Methods, RequestDelegate Answer)?>? More { get; init; }

    public Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        LimitBody(context, AdminLimits.BodyBytes);
        var (methods, answer) = Find(path);
        // The page is public as the program is; its script brings the token where one is needed.
        bool isPage = path == "/" && _access.HasToken;
        // Probes come from an orchestrator that has no token and calls the machine by its address, and tell nothing
        // that it could not find out by sending a request.
        bool isPublic = isPage || path is "/healthz" or "/readyz";
        var refusal = isPublic ? null : _access.Check(context, anyHost: path == "/metrics");
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

    /// <summary>Of this request; more is 413.</summary>
    internal static void LimitBody(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = bytes;
    }

    private static bool IsAllowed(string method, string methods) =>
        methods.Split(", ").Contains(method, StringComparer.Ordinal);

    private (string Methods, RequestDelegate? Answer) Find(string path)
    {
        const string Read = "GET, HEAD";
        return path switch
        {
            "/" => (Read, PageAsync),
            "/healthz" => (Read, context => AdminAnswers.TextAsync(context, "ok\n")),
            "/readyz" => (Read, ReadyAsync),
            "/metrics" => (Read, MetricsAsync),
            "/config" => (_config.Methods, _config.HandleAsync),
            "/config/generations" => (Read, _config.GenerationsAsync),
            "/routes" => (Read, context => AdminAnswers.JsonAsync(
                context, source.Routes, AdminJson.Default.IReadOnlyListAdminRoute)),
            "/upstreams" => (Read, context => AdminAnswers.JsonAsync(
                context, source.Upstreams, AdminJson.Default.IReadOnlyListAdminUpstream)),
            "/connections" => (Read, ConnectionsAsync),
            "/errors" => (Read, ErrorsAsync),
            "/drain" => (HttpMethods.Post, DrainAsync),
            _ => More?.Invoke(path) is { } more ? (more.Methods, more.Answer) : ("", null),
        };
    }

    private Task ReadyAsync(HttpContext context) => source.IsReady(out string reason)
        ? AdminAnswers.TextAsync(context, "ready\n")
        : AdminAnswers.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "Not Ready", reason);

    private static Task PageAsync(HttpContext context)
    {
        string accept = context.Request.Headers.Accept.ToString();
        if (accept.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase))
            return AdminAnswers.TextAsync(context, Index);
        context.Response.Headers.ContentSecurityPolicy = StatusPage.Policy;
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        return AdminAnswers.BytesAsync(context, "text/html; charset=utf-8", StatusPage.Utf8);
    }

    private async Task ConnectionsAsync(HttpContext context)
    {
        if (!AdminPaging.TryRead(context.Request, out int offset, out int limit, out string problem))
        {
            await AdminAnswers.ProblemAsync(context, StatusCodes.Status400BadRequest, "Bad Request", problem);
            return;
        }
        var connections = await source.ConnectionsAsync(offset, limit);
        await AdminAnswers.JsonAsync(context, connections, AdminJson.Default.AdminConnections);
    }

    private async Task ErrorsAsync(HttpContext context)
    {
        if (!AdminPaging.TryRead(context.Request, out int _, out int limit, out string problem))
        {
            await AdminAnswers.ProblemAsync(context, StatusCodes.Status400BadRequest, "Bad Request", problem);
            return;
        }
        var errors = await source.ErrorsAsync(limit);
        await AdminAnswers.JsonAsync(context, errors, AdminJson.Default.IReadOnlyListErrorView);
    }

    private async Task MetricsAsync(HttpContext context)
    {
        var format = PrometheusFormats.Negotiate(context.Request.Headers.Accept.ToString());
        AdminAnswers.Begin(context.Response, StatusCodes.Status200OK, PrometheusFormats.ContentTypeOf(format));
        source.WriteMetrics(context.Response.BodyWriter, format);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private async Task DrainAsync(HttpContext context)
    {
        journal.Changed(context, "POST /drain", "draining");
        source.BeginDrain();
        AdminAnswers.Begin(context.Response, StatusCodes.Status202Accepted, "text/plain; charset=utf-8");
        await context.Response.WriteAsync("draining\n", context.RequestAborted);
    }
}
