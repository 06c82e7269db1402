namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>One configuration this process has compiled, and what became of it. Immutable.</summary>
public sealed record Generation
{
    /// <summary>From 1, in the order of compilation.</summary>
    public required long Number { get; init; }

    /// <summary>First hex digits of the SHA-256 of everything that was written, for comparing processes.</summary>
    public required string Digest { get; init; }

    public required ReloadTrigger Trigger { get; init; }

    public required DateTimeOffset AppliedAt { get; init; }

    public required GenerationState State { get; init; }

    /// <summary>Why it has its state, in words for people; empty when the state says it all.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Of the connections, 0 to 1.</summary>
    public double Share { get; init; }

    /// <summary>Exchanges served and failed while it was rolled out; 0 without a roll-out.</summary>
    public long Exchanges { get; init; }

    public long Failed { get; init; }
}
