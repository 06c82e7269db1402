namespace DataPlane.Config;

/// <summary>How many execution environments a function has.</summary>
public sealed record FunctionConcurrencyConfig
{
    /// <summary>Environments kept started, whether there is work or not.</summary>
    public int Provisioned { get; init; }

    /// <summary>Invocations at once, above which the next is refused with 429; null for no such bound.</summary>
    public int? Reserved { get; init; }

    /// <summary>Environments there are at most; work beyond them waits for the first free one.</summary>
    public int Maximum { get; init; } = 32;

    /// <summary>Invocations that may wait at once; the next is refused with 429.</summary>
    public int Pending { get; init; } = 1024;
}
