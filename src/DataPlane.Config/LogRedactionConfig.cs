using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>
/// What the access log never shows: <c>***</c> stands in its place. Names are compared without regard to case. The
/// operator's names come on top of those that always hold.
/// </summary>
public sealed record LogRedactionConfig
{
    /// <summary>Query parameters that carry credentials wherever they are used.</summary>
    public static ImmutableArray<string> StandardQuery { get; } =
    [
        "access_token", "refresh_token", "id_token", "token", "jwt", "api_key", "apikey", "api-key", "client_secret",
        "secret", "password", "passwd", "signature", "sig", "credential", "X-Amz-Signature", "X-Amz-Credential",
        "X-Amz-Security-Token", "X-Goog-Signature", "X-Goog-Credential",
    ];

    public static ImmutableArray<string> StandardHeaders { get; } =
    [
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token",
        "X-Amz-Security-Token", "X-Csrf-Token",
    ];

    public ImmutableArray<string> Query { get; init; } = [];

    public ImmutableArray<string> Headers { get; init; } = [];

    /// <summary>Parameters of route paths.</summary>
    public ImmutableArray<string> Captures { get; init; } = [];
}
