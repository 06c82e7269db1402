using System.Text.Json;
using DataPlane.Config;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Remote;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Lambda.Invoke;

/// <summary>
/// What the admin listener has about functions: a list, their logs, and Lambda's Invoke API under its own path, so that
/// AWS SDKs call local functions unchanged. Any thread.
/// </summary>
public sealed class FunctionEndpoints(FunctionHost host, TimeProvider time)
{
    private const string Folder = "/functions/";

    private readonly InvokeEndpoint _invoke = new(host);
    private InvokeAccess? _access;

    /// <summary>
    /// Who answers a request of the Invoke API that brings a signature, or that came where only such are taken; null
    /// when the listener's own rules hold.
    /// </summary>
    public RequestDelegate? FindSigned(HttpContext context, InvokeApiConfig config, bool isOwnListener)
    {
        var path = InvokePath.Read(context.Request.Path.Value ?? "");
        if (path is null) return isOwnListener ? InvokeEndpoint.UnknownAsync : null;
        if (config.AccessKeys.IsEmpty) return null;
        if (!isOwnListener && !InvokeAccess.IsSigned(context.Request)) return null;
        if (!HttpMethods.IsPost(context.Request.Method)) return InvokeEndpoint.UnknownAsync;
        var access = Volatile.Read(ref _access);
        if (access is null || !access.IsOf(config))
        {
            // Two requests at once may both make one; either will do.
            access = new InvokeAccess(config, time);
            Volatile.Write(ref _access, access);
        }
        return request => _invoke.HandleAsync(request, path, access);
    }

    /// <summary>The methods of a path and who answers it; null when it is none of these.</summary>
    public (string Methods, RequestDelegate Answer)? Find(string path)
    {
        if (path == "/functions") return ("GET, HEAD", ListAsync);
        if (InvokePath.Read(path) is { } invoked)
            return (HttpMethods.Post, context => _invoke.HandleAsync(context, invoked, access: null));
        if (NameIn(path, "/queue") is { } queued && host.Functions.ContainsKey(queued))
            return ("GET, HEAD", context => QueueAsync(context, queued));
        return NameIn(path, "/logs") is { } name && host.Functions.ContainsKey(name)
            ? ("GET, HEAD", context => LogAsync(context, host.Functions[name]))
            : null;
    }

    private static string? NameIn(string path, string page) =>
        path.StartsWith(Folder, StringComparison.Ordinal) && path.EndsWith(page, StringComparison.Ordinal)
            && path.Length > Folder.Length + page.Length
            ? path[Folder.Length..^page.Length]
            : null;

    private async Task QueueAsync(HttpContext context, string function)
    {
        var view = await host.Queue.ViewAsync(function);
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await JsonSerializer.SerializeAsync(
            context.Response.Body, view, FunctionJson.Default.QueueView, context.RequestAborted);
    }

    private static async Task LogAsync(HttpContext context, HostedFunction function)
    {
        string log = await function.ReadLogAsync();
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(log, context.RequestAborted);
    }

    private async Task ListAsync(HttpContext context)
    {
        var views = new List<FunctionView>();
        foreach (var each in host.Functions.Values) views.Add(await ViewOfAsync(each));
        foreach (var each in host.Remote.Current.Values) views.Add(ViewOf(each));
        views.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await JsonSerializer.SerializeAsync(
            context.Response.Body, views, FunctionJson.Default.ListFunctionView, context.RequestAborted);
    }

    private static FunctionView ViewOf(RemoteFunction function)
    {
        long throttled = function.Counted(RemoteResult.Throttled);
        long failed = function.Counted(RemoteResult.FunctionError) + function.Counted(RemoteResult.Refused)
            + function.Counted(RemoteResult.Failed);
        return new FunctionView(
            function.Name, "lambda", "", function.Config.Timeout.TotalSeconds, 0,
            function.Counted(RemoteResult.Answered) + failed + throttled, failed, throttled, 0, [])
        {
            Lambda = function.Config.Function,
            Upstream = function.Config.Upstream,
        };
    }

    private static async Task<FunctionView> ViewOfAsync(HostedFunction function)
    {
        var counters = function.Counters;
        return new FunctionView(
            function.Name, function.Config.RuntimeName, function.Config.Handler,
            function.Config.Timeout.TotalSeconds, (int)(function.Config.Memory >> 20), counters.Invocations,
            counters.Errors, counters.Throttles, counters.Waiting, await function.ListAsync());
    }
}
