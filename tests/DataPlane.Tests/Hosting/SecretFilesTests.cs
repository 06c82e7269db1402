using System.Net;
using DataPlane.Config;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Hosting;

/// <summary>Secrets of a real process: what it shows, writes and logs, and what it does when one changes.</summary>
public sealed class SecretFilesTests : IDisposable
{
    private const string Token = "first-token-7f3a";
    private const string Later = "later-token-9c1e";
    private const string Partner = "partner-key-55d0";

    private readonly string _folder = Directory.CreateTempSubdirectory("secrets-").FullName;
    private readonly HttpClient _http = new() { Timeout = Eventually.Patience };
    private readonly int _port = GatewayProcess.FreePort();
    private readonly int _adminPort = GatewayProcess.FreePort();

    private string Configuration => Path.Combine(_folder, "gateway.yaml");

    private string TokenFile => Path.Combine(_folder, "token");

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [LinuxFact]
    public async Task Secrets_AreShownNowhere_AndAChangedFileIsTaken()
    {
        await WriteAsync();
        string state = Path.Combine(_folder, "state");
        await using var gateway = GatewayProcess.Start(
            $"run --config '{Configuration}' --state '{state}'", $"export PARTNER={Partner}");
        await gateway.SaysAsync("serves on");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Later));
        Assert.Equal("hello", await _http.GetStringAsync($"http://127.0.0.1:{_port}/a"));
        // What the disk keeps, after the start and after a change.
        AssertKeptSafely(state);

        await File.WriteAllTextAsync(TokenFile, Later + "\n");
        await gateway.SaysAsync("generation 2 is in force");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Later));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Token));
        foreach (string path in (string[])["/config", "/config/generations", "/routes", "/upstreams", "/errors",
            "/connections", "/metrics"])
        {
            AssertHidden(await GetAsync(path));
        }
        AssertKeptSafely(state);

        // One that cannot be read changes nothing, and is told with the file's name.
        File.Delete(TokenFile);
        await gateway.SaysAsync("cannot be read; check that it exists");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Later));
        AssertHidden(await GetAsync("/config"));
        await File.WriteAllTextAsync(TokenFile, "has space\n");
        await gateway.SaysAsync("contains a space or a character beyond ASCII");
        await File.WriteAllTextAsync(TokenFile, Token);
        await gateway.SaysAsync("generation 3 is in force");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Token));
        await gateway.SignalAsync("TERM");
        Assert.Equal(0, await gateway.ExitAsync());
        AssertHidden(gateway.Said);
        Assert.DoesNotContain("has space", gateway.Said, StringComparison.Ordinal);
        AssertHidden(await File.ReadAllTextAsync(Path.Combine(_folder, "access.log")));
    }

    [LinuxFact]
    public async Task CheckAndRoutes_ShowNone()
    {
        await WriteAsync();
        foreach (string command in (string[])["check", "routes"])
        {
            await using var process = GatewayProcess.Start(
                $"{command} '{Configuration}'", $"export PARTNER={Partner}");
            Assert.Equal(0, await process.ExitAsync());
            AssertHidden(process.Said);
        }
        await using var broken = GatewayProcess.Start(
            $"check '{Configuration}'", $"export PARTNER='{Partner}\nX: y' && rm '{TokenFile}'");
        Assert.Equal(1, await broken.ExitAsync());
        AssertHidden(broken.Said);
        Assert.Contains("gateway.yaml:2:", broken.Said, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task FolderAsASecret_IsToldAsSuch()
    {
        await File.WriteAllTextAsync(Configuration, $"admin: {{ token: \"${{file:{_folder}}}\" }}");
        var error = Assert.Single(ConfigLoader.Load(Configuration, null, ConfigEnvironment.Process).Errors);
        Assert.Equal($"the file '{_folder}' cannot be read", error.Message);
        Assert.Equal("check that it is a file", error.Fix);
    }

    private static void AssertHidden(string text) =>
        Assert.DoesNotContain((string[])[Token, Later, Partner], each => text.Contains(each, StringComparison.Ordinal));

    private static void AssertKeptSafely(string state)
    {
        string kept = Path.Combine(state, "last-good.json");
        AssertHidden(File.ReadAllText(kept));
        Assert.Contains("${file:token}", File.ReadAllText(kept), StringComparison.Ordinal);
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
    }

    private async Task WriteAsync()
    {
        await File.WriteAllTextAsync(TokenFile, Token + "\n");
        await File.WriteAllTextAsync(
            Configuration,
            $$"""
            listeners: [ { name: public, address: "127.0.0.1:{{_port}}" } ]
            admin: { address: "127.0.0.1:{{_adminPort}}", token: "${file:token}" }
            accessLog: { to: "file:{{_folder}}/access.log", format: json }
            limits: { drainGrace: 0s }
            routes:
              - match: { path: /a }
                headers: { request: { set: { X-Key: "Bearer ${PARTNER}" } } }
                to: { mock: { body: hello } }
            """);
    }

    private async Task<HttpStatusCode> StatusAsync(string token)
    {
        using var answer = await SendAsync("/config", token);
        return answer.StatusCode;
    }

    private async Task<string> GetAsync(string path)
    {
        using var answer = await SendAsync(path, Later);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private Task<HttpResponseMessage> SendAsync(string path, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_adminPort}{path}");
        request.Headers.Authorization = new("Bearer", token);
        return _http.SendAsync(request);
    }
}
