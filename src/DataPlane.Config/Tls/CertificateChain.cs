using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace DataPlane.Config.Tls;

/// <summary>
/// A certificate with its private key and what leads from it to an authority, as read from files. Equal when the files
/// said the same, so that a reload which changes nothing changes nothing. Immutable; any thread.
/// </summary>
public sealed class CertificateChain(
    X509Certificate2 leaf, ImmutableArray<X509Certificate2> intermediates, string file, string digest)
    : IEquatable<CertificateChain>
{
    public X509Certificate2 Leaf { get; } = leaf;

    public ImmutableArray<X509Certificate2> Intermediates { get; } = intermediates;

    /// <summary>The certificate's path as the operator wrote it: its name in metrics and logs.</summary>
    public string File { get; } = file;

    /// <summary>SHA-256 of the files' content.</summary>
    public string Digest { get; } = digest;

    public bool Equals(CertificateChain? other) => other is not null && other.Digest == Digest && other.File == File;

    public override bool Equals(object? obj) => Equals(obj as CertificateChain);

    public override int GetHashCode() => Digest.GetHashCode(StringComparison.Ordinal);
}
