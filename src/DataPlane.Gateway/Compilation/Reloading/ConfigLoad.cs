using System.Globalization;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Upstreams.Balancing;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>A configuration that was read, and the files it was read from.</summary>
public sealed record ConfigLoad(ConfigResult Result, WatchedFiles Files)
{
    private const int DigestDigits = 12;

    /// <summary>The effective configuration as JSON, secrets masked; written when it is asked for.</summary>
    public Lazy<string> EffectiveJson { get; } = new(() => EffectiveConfig.Write(Result.Root));

    /// <summary>
    /// Of everything that was written, in the order it was read: for comparing processes, not for keeping secrets, so
    /// that nothing of OpenSSL has to be loaded.
    /// </summary>
    public string Digest
    {
        get
        {
            ulong hash = 0;
            foreach (var each in Result.Sources) hash = Append(hash, each.Text);
            return hash.ToString("x16", CultureInfo.InvariantCulture)[..DigestDigits];
        }
    }

    /// <summary>In pieces: a second copy of a large file would only be garbage.</summary>
    private static ulong Append(ulong hash, string text)
    {
        const int PieceCharacters = 4096;
        var encoder = Encoding.UTF8.GetEncoder();
        Span<byte> bytes = stackalloc byte[4 * PieceCharacters];
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var piece = rest[..Math.Min(rest.Length, PieceCharacters)];
            rest = rest[piece.Length..];
            hash = Hashing.Of(bytes[..encoder.GetBytes(piece, bytes, flush: rest.IsEmpty)], hash);
        }
        // Where one file ends and the next begins counts, too.
        return Hashing.Mix(hash + 1);
    }
}
