namespace DataPlane.Config;

/// <summary>Who gets records of asynchronous invocations: exactly one of a function, an upstream and a file.</summary>
public sealed record DestinationConfig
{
    public string? Function { get; init; }

    public string? Upstream { get; init; }

    /// <summary>Where the upstream takes a POST.</summary>
    public string Path { get; init; } = "/";

    /// <summary>Absolute; gets one line for each.</summary>
    public string? File { get; init; }
}
