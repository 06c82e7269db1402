namespace DataPlane.Admin;

/// <summary>Limits of the admin listener, with unit and reason.</summary>
public static class AdminLimits
{
    /// <summary>
    /// Connections open at once. Operators and scrapers hold a handful; the rest of the process's descriptors belong to
    /// clients.
    /// </summary>
    public const int Connections = 256;

    /// <summary>Bytes of a configuration that is put: the reader's own limit for a file.</summary>
    public const int ConfigBytes = 16 * 1024 * 1024;

    /// <summary>Configurations read at once, each up to <see cref="ConfigBytes"/> of memory; more are 503.</summary>
    public const int ConfigsAtOnce = 2;

    /// <summary>Bytes of any other request's body: none has a use for one.</summary>
    public const int BodyBytes = 64 * 1024;

    /// <summary>Wrong tokens one address may show in <see cref="AttemptWindow"/>: a person mistypes a few.</summary>
    public const int WrongTokens = 20;

    /// <summary>Addresses whose wrong tokens are remembered; about 100 bytes each.</summary>
    public const int RememberedAddresses = 1024;

    /// <summary>How long wrong tokens count.</summary>
    public static readonly TimeSpan AttemptWindow = TimeSpan.FromMinutes(1);
}
