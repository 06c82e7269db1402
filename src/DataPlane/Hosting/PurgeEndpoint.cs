using System.Text.Json;
using DataPlane.Admin;
using DataPlane.Gateway.Caching;
using DataPlane.Gateway.Compilation;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Hosting;

/// <summary><c>POST /cache/purge</c>: what is stored is taken out, before the answer is sent. Any thread.</summary>
internal sealed class PurgeEndpoint(SnapshotStore snapshots, AdminJournal journal)
{
    private const string Usage =
        "the body is JSON with one of key, prefix (URLs), tag and all: { \"tag\": \"users\", \"soft\": true }";

    public (string Methods, RequestDelegate Answer)? Find(string path) =>
        path == "/cache/purge" ? (HttpMethods.Post, AnswerAsync) : null;

    private async Task AnswerAsync(HttpContext context)
    {
        var body = await ReadAsync(context);
        if (body is not { Count: 1 })
        {
            await RefuseAsync(context, Usage);
            return;
        }
        var (scope, value) = body switch
        {
            { Key: { } key } => (PurgeScope.Key, key),
            { Prefix: { } prefix } => (PurgeScope.Prefix, prefix),
            { Tag: { } tag } => (PurgeScope.Tag, tag),
            _ => (PurgeScope.All, ""),
        };
        if (!snapshots.Current.TryPurge(scope, value, body.Soft))
        {
            await RefuseAsync(context, "write a URL with its host, such as https://api.example.com/users/42");
            return;
        }
        journal.Changed(context, "POST /cache/purge", $"{scope} {value}{(body.Soft ? " soft" : "")}");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<PurgeBody?> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(
                context.Request.Body, PurgeJson.Default.PurgeBody, context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task RefuseAsync(HttpContext context, string problem) =>
        AdminAnswers.ProblemAsync(context, StatusCodes.Status400BadRequest, "Bad Request", problem);
}
