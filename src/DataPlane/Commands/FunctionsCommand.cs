using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DataPlane.Commands;

/// <summary><c>dataplane functions [--admin URL]</c>: the functions of a running gateway.</summary>
internal static class FunctionsCommand
{
    public static Command Create()
    {
        var command = new Command("functions", "Lists the functions of a running gateway.");
        var admin = new AdminCall(command);
        command.SetAction(parsed => RunAsync(admin.Of(parsed)));
        return command;
    }

    private static async Task<int> RunAsync(HttpClient client)
    {
        using (client)
        {
            if (await AdminCall.TryAsync(() => client.GetAsync(new Uri("functions", UriKind.Relative))) is not
                { } response)
                return 1;
            using var answer = response;
            string body = await answer.Content.ReadAsStringAsync();
            if (!answer.IsSuccessStatusCode)
            {
                await Console.Error.WriteLineAsync(body);
                return 1;
            }
            using var json = JsonDocument.Parse(body);
            await Console.Out.WriteAsync(Print(json.RootElement));
            return 0;
        }
    }

    private static string Print(JsonElement functions)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{"FUNCTION",-24} {"RUNTIME",-16} {"ENVIRONMENTS",-26} {"INVOCATIONS",12} {"ERRORS",8} {"THROTTLES",9}\n");
        foreach (var each in functions.EnumerateArray())
        {
            var states = each.GetProperty("environments").EnumerateArray()
                .GroupBy(environment => environment.GetProperty("state").GetString(), StringComparer.Ordinal)
                .Select(group => $"{group.Count()} {group.Key!.ToLowerInvariant()}");
            // One elsewhere has none that could be seen.
            string environments = each.TryGetProperty("upstream", out var upstream)
                ? upstream.GetString()!
                : string.Join(", ", states);
            text.Append(CultureInfo.InvariantCulture,
                $"{each.GetProperty("name").GetString(),-24} {each.GetProperty("runtime").GetString(),-16} ");
            text.Append(CultureInfo.InvariantCulture,
                $"{(environments.Length == 0 ? "-" : environments),-26} {each.GetProperty("invocations"),12} ");
            text.Append(CultureInfo.InvariantCulture,
                $"{each.GetProperty("errors"),8} {each.GetProperty("throttles"),9}\n");
        }
        return text.ToString();
    }
}
