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
}
