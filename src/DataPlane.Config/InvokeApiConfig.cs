using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>Who may call functions by Lambda's Invoke API with a signature, and where.</summary>
public sealed record InvokeApiConfig
{
    /// <summary>A listener of its own, besides the admin's; null for none.</summary>
    public ListenAddress? Address { get; init; }

    /// <summary>Those whose signatures are taken; none are without.</summary>
    public ImmutableArray<AccessKeyConfig> AccessKeys { get; init; } = [];
}
