using System.Security.Cryptography;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Signing;

/// <summary>
/// AWS Signature Version 4: canonical request, string to sign, signature. The same inputs give the same outputs; what
/// it keeps is room. One user at a time; 0 bytes once it has its size. Source: AWS IAM user guide, "Create a signed AWS
/// API request".
/// </summary>
internal sealed class RequestSigner
{
    public const int SignatureBytes = 64;

    private readonly PayloadBuffer _canonical = new();
    private readonly PayloadBuffer _text = new();
    private readonly CanonicalQuery _query = new();

    public static ReadOnlySpan<byte> Algorithm => "AWS4-HMAC-SHA256"u8;

    /// <summary>Cleared and filled by the caller, and sorted, before anything is signed.</summary>
    public SignedFields Fields { get; } = new();

    /// <summary>What the last signature was made of.</summary>
    public ReadOnlySpan<byte> CanonicalRequest => _canonical.Span;

    public ReadOnlySpan<byte> StringToSign => _text.Span;

    /// <summary>
    /// Writes the signature in hex; <paramref name="time"/> is that of <c>X-Amz-Date</c>. A query parameter
    /// X-Amz-Signature is left out.
    /// </summary>
    public void Sign(in SignableRequest request, ReadOnlySpan<byte> time, SigningKey key, Span<byte> signature)
    {
        WriteCanonical(in request);
        Span<byte> digest = stackalloc byte[PayloadDigest.Bytes];
        PayloadDigest.Write(_canonical.Span, digest);
        _text.Truncate(0);
        _text.Append(Algorithm);
        _text.Append("\n"u8);
        _text.Append(time);
        _text.Append("\n"u8);
        _text.Append(key.Scope);
        _text.Append("\n"u8);
        _text.Append(digest);
        key.Sign(_text.Span, signature);
    }

    /// <summary>The value of Authorization.</summary>
    public void AppendAuthorization(
        PayloadBuffer output, ReadOnlySpan<byte> accessKey, SigningKey key, ReadOnlySpan<byte> signature)
    {
        output.Append(Algorithm);
        output.Append(" Credential="u8);
        output.Append(accessKey);
        output.Append("/"u8);
        output.Append(key.Scope);
        output.Append(", SignedHeaders="u8);
        Fields.AppendNames(output);
        output.Append(", Signature="u8);
        output.Append(signature);
    }

    /// <summary>Whether the signature is this one, in a time that tells nothing about where they differ.</summary>
    public bool Verify(
        in SignableRequest request, ReadOnlySpan<byte> time, SigningKey key, ReadOnlySpan<byte> signature)
    {
        Span<byte> right = stackalloc byte[SignatureBytes];
        Sign(in request, time, key, right);
        return CryptographicOperations.FixedTimeEquals(right, signature);
    }

    private void WriteCanonical(in SignableRequest request)
    {
        _canonical.Truncate(0);
        _canonical.Append(request.Method);
        _canonical.Append("\n"u8);
        CanonicalPath.Append(_canonical, request.Path, request.NormalizesPath);
        _canonical.Append("\n"u8);
        _query.Append(_canonical, request.Query, "X-Amz-Signature"u8);
        _canonical.Append("\n"u8);
        Fields.AppendLines(_canonical);
        _canonical.Append("\n"u8);
        Fields.AppendNames(_canonical);
        _canonical.Append("\n"u8);
        _canonical.Append(request.PayloadHash);
    }
}
