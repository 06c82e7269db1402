namespace DataPlane.Lambda.Signing;

/// <summary>A request as it is on the wire, without its fields: see <see cref="SignedFields"/>.</summary>
internal readonly ref struct SignableRequest
{
    public SignableRequest()
    {
    }

    public required ReadOnlySpan<byte> Method { get; init; }

    /// <summary>As sent, so with its percent escapes.</summary>
    public required ReadOnlySpan<byte> Path { get; init; }

    /// <summary>As sent, without the question mark.</summary>
    public ReadOnlySpan<byte> Query { get; init; }

    /// <summary>SHA-256 of the body in 64 hex digits, or <see cref="PayloadDigest.Unsigned"/>.</summary>
    public required ReadOnlySpan<byte> PayloadHash { get; init; }

    /// <summary>Dot segments and empty ones are removed, as every service but S3 does.</summary>
    public bool NormalizesPath { get; init; } = true;
}
