using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlane.Config;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlane.Admin;

/// <summary>
/// <c>/config</c>: reading it, and, when the composition root lets it, changing it. A change says which version it was
/// made for, so that of two operators the second one learns of the first.
/// </summary>
internal sealed class ConfigEndpoints(IAdminSource source, AdminJournal journal, IConfigControl? control)
{
    /// <summary>Ends the version in a tag: what follows tells refusals apart, and matters to no change.</summary>
    private const char RefusalMark = '!';

    private int _reading;

    public string Methods => control is null ? "GET, HEAD" : "GET, HEAD, PUT";

    public Task HandleAsync(HttpContext context) =>
        HttpMethods.IsPut(context.Request.Method) ? PutAsync(context) : GetAsync(context);

    public Task GenerationsAsync(HttpContext context) => AdminAnswers.JsonAsync(
        context, control?.Generations ?? [], AdminJson.Default.IReadOnlyListAdminGeneration);

    private Task GetAsync(HttpContext context)
    {
        // The tag is read before the configuration: a reload in between sends the new one under the old tag, which
        // costs a client one more request and never shows it an old configuration as current.
        var refusal = control?.LastRefusal;
        string tag = Tag(refusal);
        context.Response.Headers[HeaderNames.ETag] = tag;
        if (HasTag(context.Request, tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        var json = source.EffectiveConfigJson();
        return AdminAnswers.BytesAsync(context, "application/json", refusal is null ? json : With(json, refusal));
    }

    private static ReadOnlyMemory<byte> With(ReadOnlyMemory<byte> json, AdminRefusal refusal)
    {
        var whole = JsonNode.Parse(json.Span)!.AsObject();
        whole.Add("lastReload", JsonSerializer.SerializeToNode(refusal, AdminJson.Default.AdminRefusal));
        return JsonSerializer.SerializeToUtf8Bytes(whole, AdminJson.Default.JsonObject);
    }

    private string Tag(AdminRefusal? refusal)
    {
        string version = control?.Version ?? source.ConfigVersion;
        return refusal is null ? $"\"{version}\"" : $"\"{version}{RefusalMark}{refusal.At.UtcTicks}\"";
    }

    private async Task PutAsync(HttpContext context)
    {
        string wanted = context.Request.Headers.IfMatch.ToString();
        string before = control!.Version;
        if (wanted.Length == 0)
        {
            journal.Configured(context, "no If-Match", before, before);
            await AdminAnswers.ProblemAsync(
                context, StatusCodes.Status428PreconditionRequired, "Precondition Required",
                "Send If-Match with the ETag of GET /config, or If-Match: * to overwrite whatever is there.");
            return;
        }
        if (await ReadInTurnAsync(context) is not { } body)
        {
            journal.Configured(context, "body not read", before, before);
            return;
        }
        var errors = await control.PutAsync(body, version => IsFor(wanted, version));
        journal.Configured(context, ResultOf(errors), before, control.Version);
        if (errors is null)
        {
            context.Response.Headers[HeaderNames.ETag] = Tag(control.LastRefusal);
            await AdminAnswers.ProblemAsync(
                context, StatusCodes.Status412PreconditionFailed, "Precondition Failed",
                "The configuration has changed since that version: GET /config, and make the change again.");
            return;
        }
        if (errors.Count > 0)
        {
            await RefuseAsync(context, errors);
            return;
        }
        context.Response.Headers[HeaderNames.ETag] = Tag(control.LastRefusal);
        string? note = control.DifferingFile is { } file
            ? $"{file} still holds what it held: a change of it, SIGHUP or a restart replaces this configuration."
            : null;
        await AdminAnswers.JsonAsync(
            context, new AdminConfigTaken(control.Generations[0], note), AdminJson.Default.AdminConfigTaken);
    }

    private static string ResultOf(IReadOnlyList<ConfigError>? errors) => errors switch
    {
        null => "refused, made for another version",
        { Count: > 0 } => $"refused, {errors.Count} errors",
        _ => "taken",
    };

    private static Task RefuseAsync(HttpContext context, IReadOnlyList<ConfigError> errors)
    {
        const int status = StatusCodes.Status422UnprocessableEntity;
        AdminAnswers.Begin(context.Response, status, "application/problem+json");
        var problem = new AdminConfigProblem(
            "about:blank", "Unprocessable Content", status,
            "The configuration has errors; the one before it serves.", errors);
        return JsonSerializer.SerializeAsync(
            context.Response.Body, problem, AdminJson.Default.AdminConfigProblem, context.RequestAborted);
    }

    /// <summary>Null when too many are being read already, or as <see cref="ReadBodyAsync"/>.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReadInTurnAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref _reading) <= AdminLimits.ConfigsAtOnce) return await ReadBodyAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _reading);
        }
        context.Response.Headers[HeaderNames.RetryAfter] = "1";
        await AdminAnswers.ProblemAsync(
            context, StatusCodes.Status503ServiceUnavailable, "Service Unavailable",
            "Other configurations are being read: try again.");
        return null;
    }

    /// <summary>Null when it is too large, or did not come; the answer is given then.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpContext context)
    {
        AdminEndpoints.LimitBody(context, AdminLimits.ConfigBytes);
        try
        {
            // At its length at once: a large array is costly to outgrow. More than the limit is not announced.
            long announced = Math.Clamp(context.Request.ContentLength ?? 0, 0, AdminLimits.ConfigBytes);
            using var body = new MemoryStream((int)announced);
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return body.GetBuffer().AsMemory(0, (int)body.Length);
        }
        catch (BadHttpRequestException failure)
        {
            string title = failure.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? "Content Too Large"
                : "Bad Request";
            await AdminAnswers.ProblemAsync(context, failure.StatusCode, title, failure.Message);
            return null;
        }
    }

    /// <summary>If-Match compares strongly (RFC 9110 13.1.1): a weak tag fits nothing.</summary>
    private static bool IsFor(string wanted, string version) =>
        wanted.Split(',', StringSplitOptions.TrimEntries)
            .Any(each => each == "*" || each.Split(RefusalMark)[0].TrimEnd('"') == $"\"{version}");

    /// <summary>If-None-Match compares weakly (RFC 9110 13.1.2).</summary>
    private static bool HasTag(HttpRequest request, string tag) =>
        request.Headers.IfNoneMatch.ToString()
            .Split(',', StringSplitOptions.TrimEntries)
            .Any(each => each == "*" || each == tag || each == "W/" + tag);
}
