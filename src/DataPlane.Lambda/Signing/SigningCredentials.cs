using System.Text;

namespace DataPlane.Lambda.Signing;

/// <summary>An access key, its secret and, for a session, its token. Immutable.</summary>
public sealed record SigningCredentials(string AccessKey, string SecretKey, string? Token = null)
{
    private readonly byte[] _accessKey = Encoding.ASCII.GetBytes(AccessKey);
    private readonly byte[] _token = Encoding.ASCII.GetBytes(Token ?? "");

    internal ReadOnlySpan<byte> AccessKeyUtf8 => _accessKey;

    internal ReadOnlySpan<byte> TokenUtf8 => _token;

    public bool Equals(SigningCredentials? other) =>
        other is not null && AccessKey == other.AccessKey && SecretKey == other.SecretKey && Token == other.Token;

    public override int GetHashCode() => HashCode.Combine(AccessKey, SecretKey, Token);

    /// <summary>Nothing of the secret: a record would print it.</summary>
    public override string ToString() => AccessKey;
}
