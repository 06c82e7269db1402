using System.Security.Cryptography;
using System.Text;
using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>A configuration that was read, and the files it was read from.</summary>
public sealed record ConfigLoad(ConfigResult Result, WatchedFiles Files)
{
    private const int DigestDigits = 12;

    /// <summary>The effective configuration as JSON, secrets masked.</summary>
    public string EffectiveJson => EffectiveConfig.Write(Result.Root);

    /// <summary>Of everything that was written, in the order it was read.</summary>
    public string Digest
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var each in Result.Sources) hash.AppendData(Encoding.UTF8.GetBytes($"{each.Text}\0"));
            return Convert.ToHexStringLower(hash.GetHashAndReset())[..DigestDigits];
        }
    }
}
