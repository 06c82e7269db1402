namespace DataPlane.Hosting;

/// <summary>
/// The body of <c>POST /cache/purge</c>: one of key, prefix, tag and all. Set, not initialised: generated readers would
/// put null where a key is absent.
/// </summary>
internal sealed record PurgeBody
{
    public string? Key { get; set; }

    public string? Prefix { get; set; }

    public string? Tag { get; set; }

    public bool All { get; set; }

    /// <summary>What is stored is validated before it is used again, and is there when the upstream is not.</summary>
    public bool Soft { get; set; }

    /// <summary>How many of the four are there.</summary>
    public int Count => (Key is null ? 0 : 1) + (Prefix is null ? 0 : 1) + (Tag is null ? 0 : 1) + (All ? 1 : 0);
}
