using System.Text.Json;
using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// The keys a running gateway cannot change, because sockets and threads were made from them at its start.
/// </summary>
internal sealed class RestartKeys
{
    private static readonly string[] s_sections = ["transport"];

    // Single keys of sections that may change otherwise: connections are counted by the second from accept to end, and
    // what was counted in other buckets fits no new ones.
    private static readonly (string Section, string Key)[] s_keys =
    [
        ("admin", "address"), ("invokeApi", "address"), ("limits", "clientPrefixIpv6"), ("limits", "http2"),
        ("metrics", "buckets"),
    ];

    private static readonly HashSet<string> s_written =
        new([.. s_sections, .. s_keys.Select(each => each.Section)], StringComparer.Ordinal);

    private readonly Dictionary<string, string> _atStart;

    public RestartKeys(ConfigLoad first) => _atStart = Read(first);

    /// <summary>
    /// An error for each of these keys that is not as it was at the start. Beside other errors only for sections that
    /// were written, and without any: what else was meant is not known.
    /// </summary>
    public IReadOnlyList<ConfigError> Check(ConfigLoad load, IReadOnlyList<ConfigError> others)
    {
        // Nothing is known of a text that could not be read at all; an empty one says that all is as by default.
        if (load.Result is { Config: null, Root: null }) return [];
        var errors = new ConfigErrors();
        var places = new ConfigPlaces(load.Result);
        foreach (var (key, value) in Read(load))
        {
            if (_atStart.TryGetValue(key, out string? before) && before == value) continue;
            if (others.Count > 0 && (!places.Has(key) || others.Any(each => IsIn(key, each)))) continue;
            errors.Add(
                places.Of(key), key, "cannot change while the gateway runs",
                "restart the gateway, or write what it was");
        }
        return errors.Items;
    }

    private static bool IsIn(string key, ConfigError error) =>
        error.Path.StartsWith(key.Split('.')[0], StringComparison.Ordinal);

    private static Dictionary<string, string> Read(ConfigLoad load)
    {
        using var json = JsonDocument.Parse(EffectiveConfig.Write(load.Result.Root, s_written));
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string section in s_sections)
        {
            values[section] = json.RootElement.TryGetProperty(section, out var value) ? value.GetRawText() : "";
        }
        foreach (var (section, key) in s_keys)
        {
            bool isThere = json.RootElement.TryGetProperty(section, out var mapping)
                & mapping.ValueKind == JsonValueKind.Object && mapping.TryGetProperty(key, out _);
            values[$"{section}.{key}"] = isThere ? mapping.GetProperty(key).GetRawText() : "";
        }
        var admin = json.RootElement.TryGetProperty("admin", out var written) ? written : default;
        values["admin.tls"] = admin.ValueKind == JsonValueKind.Object ? HasTls(admin) : "";
        return values;
    }

    /// <summary>
    /// What the admin listener does with TLS may change, but not whether it speaks it: connections pass a step for it.
    /// </summary>
    private static string HasTls(JsonElement admin) => admin.TryGetProperty("tls", out _) ? " tls" : "";
}
