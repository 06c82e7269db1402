using System.CommandLine;
using System.Text;

namespace DataPlane.Commands;

/// <summary>
/// <c>dataplane invoke FUNCTION [--payload JSON | --event FILE] [--tail]</c>: runs a function of a running gateway.
/// </summary>
internal static class InvokeCommand
{
    public static Command Create()
    {
        var command = new Command("invoke", "Runs a function of a running gateway and prints its answer.");
        var name = new Argument<string>("function") { Description = "Its name." };
        var payload = new Option<string?>("--payload", "-p") { Description = "The event, as JSON." };
        var file = new Option<string?>("--event", "-e") { Description = "A file with the event." };
        var tail = new Option<bool>("--tail") { Description = "Print the end of the invocation's log to stderr." };
        command.Arguments.Add(name);
        foreach (Option each in new Option[] { payload, file, tail }) command.Options.Add(each);
        var admin = new AdminCall(command);
        command.SetAction(parsed => RunAsync(
            admin.Of(parsed), parsed.GetValue(name)!, parsed.GetValue(payload), parsed.GetValue(file),
            parsed.GetValue(tail)));
        return command;
    }

    /// <summary>1 when the function failed or could not be asked.</summary>
    private static async Task<int> RunAsync(
        HttpClient client, string name, string? payload, string? file, bool tail)
    {
        if (file is not null && !File.Exists(file))
        {
            await Console.Error.WriteLineAsync($"dataplane: there is no file {file}");
            return 1;
        }
        byte[] body = file is null ? Encoding.UTF8.GetBytes(payload ?? "{}") : await File.ReadAllBytesAsync(file);
        using (client)
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Post, $"2015-03-31/functions/{Uri.EscapeDataString(name)}/invocations")
            {
                Content = new ByteArrayContent(body),
            };
            if (tail) request.Headers.Add("X-Amz-Log-Type", "Tail");
            if (await AdminCall.TryAsync(() => client.SendAsync(request)) is not { } response) return 1;
            using var answer = response;
            if (answer.Headers.TryGetValues("X-Amz-Log-Result", out var log))
            {
                string text = Encoding.UTF8.GetString(Convert.FromBase64String(string.Concat(log)));
                await Console.Error.WriteAsync(text);
            }
            bool failed = !answer.IsSuccessStatusCode || answer.Headers.Contains("X-Amz-Function-Error");
            await (failed ? Console.Error : Console.Out).WriteLineAsync(await answer.Content.ReadAsStringAsync());
            return failed ? 1 : 0;
        }
    }
}
