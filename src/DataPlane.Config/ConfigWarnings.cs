using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// What a configuration does that is not wrong, but that hardly anybody means: settings that give away a protection.
/// They stop nothing.
/// </summary>
internal static class ConfigWarnings
{
    /// <summary>Characters of a token that cannot be found by trying: 16 hexadecimal digits are 64 bits.</summary>
    private const int TokenCharacters = 16;

    public static IReadOnlyList<ConfigError> Of(GatewayConfig config, ConfigNode? root)
    {
        var warnings = new ConfigErrors();
        CheckAdmin(config.Admin, root, warnings);
        CheckForwarding(config.Forwarding, root, warnings);
        CheckLimits(config.Limits, root, warnings);
        foreach (var upstream in config.Upstreams.Where(each => each.Tls is { Verify: false }))
        {
            Add(root, warnings, ["upstreams", upstream.Name, "tls", "verify"],
                "lets anybody on the way to the upstream read and change everything",
                "remove it, and name the upstream's own authority in authorities");
        }
        return warnings.Items;
    }

    private static void CheckAdmin(AdminConfig admin, ConfigNode? root, ConfigErrors warnings)
    {
        if (!admin.Address.IsLocal && admin.Tls is null)
        {
            Add(root, warnings, ["admin", "address"], "sends the token over the network in the clear",
                "write admin.tls, or listen on 127.0.0.1");
        }
        if (admin.Token is not { } token) return;
        if (token.Length < TokenCharacters)
        {
            Add(root, warnings, ["admin", "token"], $"is shorter than {TokenCharacters} characters",
                "make one with: openssl rand -hex 32");
        }
        if (Find(root, ["admin", "token"]) is ScalarNode { IsSecret: false })
        {
            Add(root, warnings, ["admin", "token"], "is written into the file",
                "write ${file:/run/secrets/token} or ${DATAPLANE_ADMIN_TOKEN}");
        }
    }

    private static void CheckForwarding(ForwardingConfig forwarding, ConfigNode? root, ConfigErrors warnings)
    {
        if (!forwarding.TrustedProxies.Any(network => network.PrefixLength == 0)) return;
        Add(root, warnings, ["forwarding", "trustedProxies"], "believes the forwarded fields of every client",
            "write the addresses of the proxies in front of the gateway");
    }

    private static void CheckLimits(LimitsConfig limits, ConfigNode? root, ConfigErrors warnings)
    {
        const string fix = "remove it, or write what the slowest client needs";
        if (limits.BodyMinimumRate == 0)
            Add(root, warnings, ["limits", "bodyMinimumRate"], "lets a client send a body as slowly as it likes", fix);
        if (limits.ResponseMinimumRate == 0)
            Add(root, warnings, ["limits", "responseMinimumRate"], "lets a client read as slowly as it likes", fix);
    }

    private static void Add(ConfigNode? root, ConfigErrors warnings, string[] keys, string message, string fix)
    {
        // The nearest section that is written, where the value is a default.
        ConfigNode? node = null;
        for (int depth = keys.Length; depth >= 0 && node is null; depth--) node = Find(root, keys.AsSpan(0, depth));
        warnings.Add(node?.Mark ?? new SourceMark("", 1, 1), string.Join('.', keys), message, fix);
    }

    private static ConfigNode? Find(ConfigNode? node, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys) node = (node as MappingNode)?.Find(key)?.Value;
        return node;
    }
}
