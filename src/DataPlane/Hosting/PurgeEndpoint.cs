using System.Text.Json;
using DataPlane.Admin;
using DataPlane.Gateway.Compilation;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Hosting;

/// <summary><c>POST /cache/purge</c>: what is stored is taken out, before the answer is sent. Any thread.</summary>
internal sealed class PurgeEndpoint(SnapshotStore snapshots, AdminJournal journal)
{
    private const string Usage =
        "send JSON with one of key, prefix (URLs), tag and all: { \"tag\": \"users\", \"soft\": true }";

    public (string Methods, RequestDelegate Answer)? Find(string path) =>
        path == "/cache/purge" ? (HttpMethods.Post, AnswerAsync) : null;

    private async Task AnswerAsync(HttpContext context)
    {
        var (body, problem) = await ReadAsync(context);
        problem ??= body!.Problem;
        if (problem is not null)
        {
            await RefuseAsync(context, $"{problem}; {Usage}");
            return;
        }
        var (scope, value) = body!.Order;
        if (!snapshots.Current.TryPurge(scope, value, body.Soft))
        {
            await RefuseAsync(
                context, $"'{value}' is no URL; write one with its host, such as https://api.example.com/users/42");
            return;
        }
        journal.Changed(context, "POST /cache/purge", $"{scope} {value}{(body.Soft ? " soft" : "")}");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<(PurgeBody? Body, string? Problem)> ReadAsync(HttpContext context)
    {
        const string noObject = "the body is no JSON object";
        try
        {
            var body = await JsonSerializer.DeserializeAsync(
                context.Request.Body, PurgeJson.Default.PurgeBody, context.RequestAborted);
            return (body, body is null ? noObject : null);
        }
        catch (JsonException failure)
        {
            // "$.tag"; "$" or nothing where it is not the value of a key that is wrong.
            string key = failure.InnerException is InvalidOperationException ? failure.Path![2..] : "";
            return (null, key.Length == 0 ? noObject : $"{key} has a value of another type");
        }
    }

    private static Task RefuseAsync(HttpContext context, string problem) =>
        AdminAnswers.ProblemAsync(context, StatusCodes.Status400BadRequest, "Bad Request", problem);
}
