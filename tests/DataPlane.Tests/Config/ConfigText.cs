using DataPlane.Config;

namespace DataPlane.Tests.Config;

/// <summary>Loads text as an operator's <c>g.yaml</c> on a machine with a few variables and one secret file.</summary>
internal static class ConfigText
{
    public const string Secret = "s3cret-value";

    public static ConfigEnvironment Machine { get; } = new(
        name => name switch
        {
            "USERS" => "127.0.0.1:9001",
            "SECRET" => Secret,
            "SECRET_WITH_SPACE" => Secret + " x",
            "EMPTY" => "",
            _ => null,
        },
        (path, _) => path switch
        {
            "/run/secrets/token" => "t0ken\n"u8.ToArray(),
            "/run/secrets/binary" => [0xff, 0xfe],
            "/run/secrets/denied" => throw new UnauthorizedAccessException(),
            "/run/secrets/large" => new byte[(1 << 20) + 1],
            _ => throw new FileNotFoundException(),
        });

    public static ConfigResult Load(string yaml, params (string Key, string Value)[] overrides) => ConfigLoader.Parse(
        yaml, "g.yaml", overrides.ToDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal), Machine);

    public static GatewayConfig Config(string yaml, params (string Key, string Value)[] overrides)
    {
        ConfigResult result = Load(yaml, overrides);
        Assert.Empty(result.Errors);
        return result.Config!;
    }

    /// <summary>Every error, in order, exactly as <c>dataplane check</c> prints it.</summary>
    public static void Fails(string yaml, params string[] expected)
    {
        ConfigResult result = Load(yaml);
        Assert.Equal(expected, result.Errors.Select(error => error.ToString()).ToArray());
        Assert.Null(result.Config);
    }
}
