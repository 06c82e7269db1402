using System.CommandLine;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Gateway.Compilation.Explaining;
using DataPlane.Gateway.Pipeline;
using DataPlane.Hosting;

namespace DataPlane.Commands;

/// <summary>
/// <c>dataplane explain FILE METHOD URL [-H 'Name: value']...</c>: what a configuration does with a request, and why.
/// Sends nothing.
/// </summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The configuration." };
        var method = new Argument<string>("METHOD") { Description = "GET, POST, ..." };
        var url = new Argument<string>("URL") { Description = "http://host/path?query, or a path alone." };
        var header = new Option<string[]>("--header", "-H") { Description = "'Name: value'; may be repeated." };
        var json = new Option<bool>("--json") { Description = "As POST /explain answers." };
        var command = new Command("explain", "Says which route a request takes, and why. Sends nothing.")
        {
            file, method, url, header, json,
        };
        command.SetAction(async (parsed, cancellation) => await PrintAsync(
            parsed.GetValue(file)!, parsed.GetValue(method)!, parsed.GetValue(url)!, parsed.GetValue(header) ?? [],
            parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> PrintAsync(string file, string method, string url, string[] lines, bool json)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':');
            if (colon <= 0)
            {
                await Console.Error.WriteLineAsync($"dataplane: -H '{line}' has no colon; write 'Name: value'");
                return 1;
            }
            headers.Add(KeyValuePair.Create(line[..colon], line[(colon + 1)..].Trim()));
        }
        var result = ConfigLoader.Load(file, overrides: null, ConfigEnvironment.Process);
        if (result.Config is not { } config)
        {
            await CheckCommand.ReportAsync(result.Errors);
            return 1;
        }
        var first = config.Listeners[0];
        var listener = new Listener(0, first.Name, first.Address.EndPoint?.Port ?? 0);
        var explanation = OfflineCompilation.Run(config, (snapshot, loop) => Explainer.Explain(
            snapshot, loop, listener, new ExplainedRequest(method, url, headers)));
        await Console.Out.WriteAsync(json
            ? JsonSerializer.Serialize(explanation, ExplainJson.Default.Explanation) + "\n"
            : ExplanationText.Of(explanation));
        return 0;
    }
}
