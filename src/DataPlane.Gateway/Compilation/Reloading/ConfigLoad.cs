using System.Security.Cryptography;
using System.Text;
using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>A configuration that was read, and the files it was read from.</summary>
public sealed record ConfigLoad(ConfigResult Result, WatchedFiles Files)
{
    private const int DigestDigits = 12;

    /// <summary>The effective configuration as JSON, secrets masked; written when it is asked for.</summary>
    public Lazy<string> EffectiveJson { get; } = new(() => EffectiveConfig.Write(Result.Root));

    /// <summary>Of everything that was written, in the order it was read.</summary>
    public string Digest
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var each in Result.Sources)
            {
                Append(hash, each.Text);
                hash.AppendData([0]);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset())[..DigestDigits];
        }
    }

    /// <summary>In pieces: a second copy of a large file would only be garbage.</summary>
    private static void Append(IncrementalHash hash, string text)
    {
        const int PieceCharacters = 4096;
        var encoder = Encoding.UTF8.GetEncoder();
        Span<byte> bytes = stackalloc byte[4 * PieceCharacters];
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var piece = rest[..Math.Min(rest.Length, PieceCharacters)];
            rest = rest[piece.Length..];
            hash.AppendData(bytes[..encoder.GetBytes(piece, bytes, flush: rest.IsEmpty)]);
        }
    }
}
