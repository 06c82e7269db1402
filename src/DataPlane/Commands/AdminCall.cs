using System.CommandLine;
using System.Net.Http.Headers;

namespace DataPlane.Commands;

/// <summary>The options of commands that ask a running gateway's admin listener, and the client they make.</summary>
internal sealed class AdminCall
{
    private readonly Option<string> _admin = new("--admin")
    {
        Description = "Address of the admin listener.",
        DefaultValueFactory = _ => "http://127.0.0.1:8081",
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = "Its token; DATAPLANE_ADMIN_TOKEN without the option.",
    };

    public AdminCall(Command command)
    {
        command.Options.Add(_admin);
        command.Options.Add(_token);
    }

    /// <summary>The caller disposes it.</summary>
    public HttpClient Of(ParseResult parsed)
    {
        string address = parsed.GetValue(_admin)!;
        var client = new HttpClient
        {
            BaseAddress = new Uri((address.Contains("://", StringComparison.Ordinal) ? "" : "http://") + address),
            Timeout = TimeSpan.FromMinutes(16),
        };
        string? token = parsed.GetValue(_token) ?? Environment.GetEnvironmentVariable("DATAPLANE_ADMIN_TOKEN");
        if (!string.IsNullOrEmpty(token))
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Null, with a line on stderr, when nobody answers there.</summary>
    public static async Task<HttpResponseMessage?> TryAsync(Func<Task<HttpResponseMessage>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException failure)
        {
            await Console.Error.WriteLineAsync($"dataplane: no gateway answers: {failure.Message}");
            return null;
        }
    }
}
