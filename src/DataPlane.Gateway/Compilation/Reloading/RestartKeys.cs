using System.Text.Json;
using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// The keys a running gateway cannot change, because sockets and threads were made from them at its start. Those of
/// what is made when it is first needed are looked after by its maker, an <see cref="IProcessSettings"/>.
/// </summary>
internal sealed class RestartKeys
{
    /// <summary>
    /// What the admin listener does with TLS may change, but not whether it speaks it: connections pass a step for it.
    /// </summary>
    private const string AdminTls = "admin.tls";

    // Of sections that may change otherwise: connections are counted by the second one of limits from accept to end,
    // and what was counted in other buckets fits no new ones.
    private static readonly string[] s_keys =
    [
        "transport", "admin.address", "admin.tls.handshakeTimeout", "invokeApi.address", "limits.clientPrefixIpv6",
        "limits.http2", "metrics.buckets",
    ];

    private static readonly HashSet<string> s_written = new(s_keys.Select(SectionOf), StringComparer.Ordinal);

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
        var values = Read(load);
        foreach (var (key, value) in values)
        {
            if (_atStart[key] == value) continue;
            // Said once, by the key of the whole section.
            if (key.StartsWith(AdminTls + ".", StringComparison.Ordinal) && _atStart[AdminTls] != values[AdminTls])
                continue;
            if (others.Count > 0 && (!places.Has(key) || others.Any(each => IsIn(key, each)))) continue;
            places.RefuseChange(key, errors);
        }
        return errors.Items;
    }

    private static string SectionOf(string key) => key.Split('.')[0];

    private static bool IsIn(string key, ConfigError error) =>
        error.Path.StartsWith(SectionOf(key), StringComparison.Ordinal);

    private static Dictionary<string, string> Read(ConfigLoad load)
    {
        using var json = JsonDocument.Parse(EffectiveConfig.Write(load.Result.Root, s_written));
        var values = s_keys.ToDictionary(
            static key => key, key => Find(json.RootElement, key)?.GetRawText() ?? "", StringComparer.Ordinal);
        values[AdminTls] = Find(json.RootElement, AdminTls) is null ? "" : "there";
        return values;
    }

    private static JsonElement? Find(JsonElement root, string key)
    {
        var element = root;
        foreach (string part in key.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(part, out element)) return null;
        }
        return element;
    }
}
