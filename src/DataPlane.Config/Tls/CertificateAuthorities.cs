using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace DataPlane.Config.Tls;

/// <summary>Whom to believe, from a PEM file. Equal when the files said the same. Immutable; any thread.</summary>
public sealed class CertificateAuthorities(ImmutableArray<X509Certificate2> certificates, string digest)
    : IEquatable<CertificateAuthorities>
{
    public ImmutableArray<X509Certificate2> Certificates { get; } = certificates;

    /// <summary>SHA-256 of the file's content.</summary>
    public string Digest { get; } = digest;

    public bool Equals(CertificateAuthorities? other) => other is not null && other.Digest == Digest;

    public override bool Equals(object? obj) => Equals(obj as CertificateAuthorities);

    public override int GetHashCode() => Digest.GetHashCode(StringComparison.Ordinal);
}
