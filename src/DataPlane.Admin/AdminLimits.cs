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

    /// <summary>Bytes of any other request's body: none has a use for one.</summary>
    public const int BodyBytes = 64 * 1024;

    /// <summary>Bytes of a request line and of all fields: as for clients, unless they are configured.</summary>
    public const int HeadBytes = 32 * 1024;

    /// <summary>Fields of a request.</summary>
    public const int HeaderCount = 100;

    /// <summary>Wrong tokens one address may show in <see cref="AttemptWindow"/>: a person mistypes a few.</summary>
    public const int WrongTokens = 20;

    /// <summary>Addresses whose wrong tokens are remembered; about 100 bytes each.</summary>
    public const int RememberedAddresses = 1024;

    /// <summary>From the first byte of a request to the end of its head.</summary>
    public static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Between two requests of a connection: longer than the usual interval of a scrape.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(130);

    /// <summary>How long wrong tokens count.</summary>
    public static readonly TimeSpan AttemptWindow = TimeSpan.FromMinutes(1);
}
