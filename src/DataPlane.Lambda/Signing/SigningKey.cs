using System.Security.Cryptography;
using System.Text;

namespace DataPlane.Lambda.Signing;

/// <summary>
/// What a secret signs with for one day, region and service: four HMACs that would otherwise be made for each request.
/// Immutable; any thread.
/// </summary>
internal sealed class SigningKey
{
    private readonly byte[] _key;

    public SigningKey(string secret, ReadOnlySpan<byte> day, string region, string service)
    {
        Day = Encoding.ASCII.GetString(day);
        Region = region;
        Service = service;
        Scope = Encoding.UTF8.GetBytes($"{Day}/{region}/{service}/aws4_request");
        byte[] key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + secret), day);
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(service));
        _key = HMACSHA256.HashData(key, "aws4_request"u8);
    }

    /// <summary>Eight digits.</summary>
    public string Day { get; }

    public string Region { get; }

    public string Service { get; }

    /// <summary><c>20150830/us-east-1/lambda/aws4_request</c>.</summary>
    public byte[] Scope { get; }

    public bool IsOf(ReadOnlySpan<byte> day) => Ascii.Equals(day, Day);

    /// <summary>64 lower-case hex digits.</summary>
    public void Sign(ReadOnlySpan<byte> text, Span<byte> hex)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text, mac);
        Convert.TryToHexStringLower(mac, hex, out _);
    }
}
