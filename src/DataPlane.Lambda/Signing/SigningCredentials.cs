namespace DataPlane.Lambda.Signing;

/// <summary>An access key, its secret and, for a session, its token. Immutable.</summary>
public sealed record SigningCredentials(string AccessKey, string SecretKey, string? Token = null)
{
    /// <summary>Nothing of the secret: a record would print it.</summary>
    public override string ToString() => AccessKey;
}
