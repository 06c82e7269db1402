using Amazon.Runtime;
using DataPlane.Config;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Remote;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Hosting;
using DataPlane.Tests.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Tests.Lambda;

/// <summary>What a hosted function calls AWS with; never with what the gateway has, unless it says so.</summary>
public sealed class FunctionCredentialsTests
{
    private const string Code =
        """
        exports.handler = async () => ({ statusCode: 200, body: [
          process.env.AWS_ACCESS_KEY_ID, process.env.AWS_SECRET_ACCESS_KEY, process.env.AWS_SESSION_TOKEN,
          Object.keys(process.env).some((name) => process.env[name].includes('OF-THE-GATEWAY')),
        ].join(' ') });
        """;

    [LinuxFact]
    public async Task EachFunction_HasWhatItsConfigurationSays()
    {
        int port = GatewayProcess.FreePort();
        await using var folder = new FunctionFolder().File("index.cjs", Code).File(
            "aws.credentials", "[dev]\naws_access_key_id = OF-DEV\naws_secret_access_key = secret-of-dev\n");
        string Function(string name, string more) =>
            $"{name}: {{ runtime: nodejs20.x, code: \"{folder.Path}\", handler: index.handler{more} }}";
        folder.File(
            "gateway.yaml",
            $$"""
            listeners: [ { name: public, address: "127.0.0.1:{{port}}" } ]
            admin: { address: "127.0.0.1:{{GatewayProcess.FreePort()}}" }
            functions:
              {{Function("plain", "")}}
              {{Function("none", ", credentials: none")}}
              {{Function("chain", ", credentials: chain")}}
              {{Function("profile", ", credentials: { profile: dev }")}}
              {{Function("absent", ", credentials: { profile: nobody }")}}
              {{Function("given", ", credentials: { accessKey: a, secretKey: b, sessionToken: c }")}}
              {{Function("own", ", environment: { AWS_ACCESS_KEY_ID: d, AWS_SECRET_ACCESS_KEY: e }")}}
            routes:
              - { match: { path: /plain }, to: { function: plain } }
              - { match: { path: /none }, to: { function: none } }
              - { match: { path: /chain }, to: { function: chain } }
              - { match: { path: /profile }, to: { function: profile } }
              - { match: { path: /absent }, to: { function: absent } }
              - { match: { path: /given }, to: { function: given } }
              - { match: { path: /own }, to: { function: own } }
            """);
        await using var gateway = GatewayProcess.Start(
            $"run --config '{folder.Path}/gateway.yaml'",
            "export AWS_ACCESS_KEY_ID=KEY-OF-THE-GATEWAY AWS_SECRET_ACCESS_KEY=SECRET-OF-THE-GATEWAY "
                + $"AWS_SHARED_CREDENTIALS_FILE='{folder.Path}/aws.credentials' AWS_CONFIG_FILE=/dev/null");
        await gateway.SaysAsync("admin on");
        using var http = new HttpClient
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = Eventually.Patience,
        };
        Assert.Equal("defaultkey defaultsecret defaulttoken false", await http.GetStringAsync("/plain"));
        Assert.Equal("   false", await http.GetStringAsync("/none"));
        Assert.Equal("KEY-OF-THE-GATEWAY SECRET-OF-THE-GATEWAY  true", await http.GetStringAsync("/chain"));
        Assert.Equal("OF-DEV secret-of-dev  false", await http.GetStringAsync("/profile"));
        Assert.Equal("   false", await http.GetStringAsync("/absent"));
        Assert.Equal("a b c false", await http.GetStringAsync("/given"));
        Assert.Equal("d e  false", await http.GetStringAsync("/own"));
        await gateway.SaysAsync("There is no profile nobody with credentials");
    }

    [Fact]
    public async Task NewerCredentials_AreSeen_OnceThereAreAny()
    {
        string key = "first";
        var source = new CredentialSource(
            () => Task.FromResult(new ImmutableCredentials(key, "b", token: null)), TimeProvider.System,
            () => NullLogger.Instance);
        var credentials = new FunctionCredentials(new CredentialsConfig(), source);
        Assert.False(credentials.HaveChanged());
        credentials.Gave(await credentials.GetAsync());
        Assert.False(credentials.HaveChanged());
        key = "second";
        Assert.False(credentials.HaveChanged());
        // They are not good any more: the next look finds others.
        source.Distrust();
        await Eventually.HoldsAsync(credentials.HaveChanged, "the newer ones");
        credentials.Gave(await credentials.GetAsync());
        Assert.False(credentials.HaveChanged());
    }

    [Fact]
    public async Task Placeholders_NeverChange()
    {
        var credentials = new FunctionCredentials(config: null, source: null);
        credentials.Gave(await credentials.GetAsync());
        Assert.False(credentials.HaveChanged());
    }
}
