using System.Security.Cryptography;

namespace DataPlane.Lambda.Signing;

/// <summary>How a body is named in a canonical request. Pure; 0 bytes.</summary>
internal static class PayloadDigest
{
    public const int Bytes = 64;

    /// <summary>The body is not part of the signature.</summary>
    public static ReadOnlySpan<byte> Unsigned => "UNSIGNED-PAYLOAD"u8;

    /// <summary>Of no bytes at all.</summary>
    public static ReadOnlySpan<byte> Empty => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"u8;

    /// <summary>SHA-256 in lower-case hex; <paramref name="hex"/> has room for <see cref="Bytes"/>.</summary>
    public static void Write(ReadOnlySpan<byte> body, Span<byte> hex)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        Convert.TryToHexStringLower(hash, hex, out _);
    }
}
