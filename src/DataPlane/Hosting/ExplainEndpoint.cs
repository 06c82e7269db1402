using System.Text.Json;
using DataPlane.Admin;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Explaining;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Hosting;

/// <summary>
/// <c>POST /explain</c>: what the configuration in force would do with a request, and why. Sends nothing. Any thread.
/// </summary>
internal sealed class ExplainEndpoint(SnapshotStore snapshots, LoopSet loops, Func<IReadOnlyList<Listener>> listeners)
{
    public (string Methods, RequestDelegate Answer)? Find(string path) =>
        path == "/explain" ? (HttpMethods.Post, AnswerAsync) : null;

    private async Task AnswerAsync(HttpContext context)
    {
        ExplainBody? body;
        string problem = "the body is JSON: { \"method\": \"GET\", \"url\": \"http://host/path\", \"headers\": {} }";
        try
        {
            body = await JsonSerializer.DeserializeAsync(
                context.Request.Body, ExplainJson.Default.ExplainBody, context.RequestAborted);
        }
        catch (JsonException)
        {
            body = null;
        }
        if (body?.ToRequest(out problem) is not { } request)
        {
            await AdminAnswers.ProblemAsync(context, StatusCodes.Status400BadRequest, "Bad Request", problem);
            return;
        }
        var explanation = Explainer.Explain(snapshots.Current, loops[0], listeners()[0], request);
        await AdminAnswers.JsonAsync(context, explanation, ExplainJson.Default.Explanation);
    }
}
