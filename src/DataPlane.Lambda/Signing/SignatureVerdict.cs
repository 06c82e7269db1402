namespace DataPlane.Lambda.Signing;

/// <summary>What is known of a request's signature.</summary>
public enum SignatureVerdict : byte
{
    Valid,

    /// <summary>The request has none.</summary>
    Missing,

    /// <summary>A part is missing or of no known form, or a field is not signed that has to be.</summary>
    Incomplete,

    /// <summary>Nobody has this access key.</summary>
    UnknownKey,

    /// <summary>For another service, or of another day than its own time says.</summary>
    WrongScope,

    /// <summary>Too old, or from the future.</summary>
    WrongTime,

    Mismatch,
}
