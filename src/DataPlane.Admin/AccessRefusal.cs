namespace DataPlane.Admin;

/// <summary>Why a request to the admin listener is refused before anything looks at what it wants.</summary>
internal enum AccessRefusal
{
    /// <summary>No token, or a wrong one.</summary>
    Token,

    /// <summary>Too many wrong tokens from this address.</summary>
    Attempts,

    /// <summary>No token is configured, and the request comes from another machine without a certificate.</summary>
    Address,

    /// <summary>A name that is not this listener's: DNS rebinding.</summary>
    Host,

    /// <summary>A page of another site sent it.</summary>
    Origin,
}
