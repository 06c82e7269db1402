using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// The outcome of a load. <c>Config</c> is null when there is any error. <c>Root</c> is the tree as written, with
/// overrides and variables applied; null when the text could not be read as YAML.
/// </summary>
public sealed record ConfigResult(GatewayConfig? Config, ConfigNode? Root, IReadOnlyList<ConfigError> Errors)
{
    /// <summary>The file and what it includes, as they were written: variables and secrets not filled in.</summary>
    public IReadOnlyList<SourceFile> Sources { get; init; } = [];

    /// <summary>What is not wrong, and hardly ever meant; empty when there is any error.</summary>
    public IReadOnlyList<ConfigError> Warnings { get; init; } = [];

    /// <summary>
    /// The tree has long sections in it that were read at once: to be let go. A small one, or one whose routes are read
    /// again whenever somebody looks at them, may stay.
    /// </summary>
    public bool HoldsLongSections => Root is MappingNode root && root.Entries.Any(section => section.Value switch
    {
        SequenceNode list => list.Unread.Count(each => each is not DeferredNode) > Limits.KeptEntries,
        MappingNode mapping => mapping.Entries.Count > Limits.KeptEntries,
        _ => false,
    });

    /// <summary>For the next load; null when there is any error.</summary>
    public KeptRoutes? Kept { get; init; }
}
