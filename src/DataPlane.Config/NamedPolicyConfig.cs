using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>A policy of the top-level <c>policies</c>, for routes to share.</summary>
public sealed record NamedPolicyConfig(string Name, string Kind, ConfigNode Node, SourceMark Mark);
