using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>proxyProtocol</c> of an upstream: a word, or a mapping with its options.</summary>
internal static class UpstreamProxyBinder
{
    private static readonly ValueShape s_word = ValueShape.Choice("off", "v1", "v2");

    private static readonly KeyTable s_keys = new(
        new ConfigKey("version", s_word, "Version of the header; off for none.") { Default = "v2" },
        new ConfigKey("uniqueId", ValueShape.Boolean, "Send an id of the connection; v2 only.") { Default = "false" });

    public static ValueShape Shape { get; } = ValueShape.Either(s_word, ValueShape.Section(s_keys));

    /// <summary>Null when it is off.</summary>
    public static UpstreamProxyConfig? Bind(ConfigNode? node, NodePath path, ConfigErrors errors)
    {
        if (node is null) return null;
        if (node is ScalarNode { IsNull: false })
        {
            return ScalarReader.TryChoice(node, path, s_word, errors, out string word)
                ? Of(word, hasUniqueId: false)
                : null;
        }
        var reader = new NodeReader(node, path, s_keys, errors);
        var config = Of(reader.Choice("version"), reader.Bool("uniqueId"));
        if (config is { Version: 1, UniqueId: true })
            reader.Error("uniqueId", "has no place in version 1", "write version: v2, or remove it");
        return config;
    }

    private static UpstreamProxyConfig? Of(string word, bool hasUniqueId) => word switch
    {
        "v1" => new UpstreamProxyConfig(1, hasUniqueId),
        "v2" => new UpstreamProxyConfig(2, hasUniqueId),
        _ => null,
    };
}
