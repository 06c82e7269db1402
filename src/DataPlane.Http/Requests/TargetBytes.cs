using System.Buffers;
using DataPlane.Http.Headers;

namespace DataPlane.Http.Requests;

internal static class TargetBytes
{
    /// <summary>Where a target ends or goes wrong. RFC 3986 also forbids <c>{ } | ^ [ ]</c>, which browsers and SDKs
    /// do send unescaped in queries; nobody reads those as anything else, so they pass.</summary>
    public static readonly SearchValues<byte> Stop = SearchValues.Create(StopBytes());

    /// <summary>The opposite of <see cref="Stop"/>, for a <see cref="HeadBlock"/>.</summary>
    public static readonly AsciiSet Allowed = new(AllowedBytes());

    private static byte[] AllowedBytes() =>
        Enumerable.Range(0, 0x80).Select(b => (byte)b).Where(b => !Stop.Contains(b)).ToArray();

    private static byte[] StopBytes()
    {
        var stop = new List<byte>("#\"<>\\`"u8.ToArray());
        for (var b = 0; b <= byte.MaxValue; b++)
        {
            if (b is <= 0x20 or >= 0x7f)
                stop.Add((byte)b);
        }

        return stop.ToArray();
    }
}
