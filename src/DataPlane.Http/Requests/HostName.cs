using System.Buffers;
using System.Numerics;
using DataPlane.Http.Headers;

namespace DataPlane.Http.Requests;

/// <summary>The value of Host or the authority of a target: <c>host [":" port]</c> of RFC 9110 7.2, minus what no real
/// host uses and parsers disagree on: user information, percent-escapes, sub-delimiters, empty labels, an empty port, a
/// zone id. Any thread; 0 bytes.</summary>
public static class HostName
{
    private const int MaxNameBytes = 255; // RFC 1035 2.3.4
    private const int MaxPortDigits = 5;

    private static readonly SearchValues<byte> s_name = SearchValues.Create(NameBytes);
    private static readonly AsciiSet s_nameSet = new(NameBytes);

    private static ReadOnlySpan<byte> NameBytes =>
        "-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8;

    /// <summary><paramref name="host"/> is the host without port and without one trailing dot, an IPv6 address with its
    /// brackets; <paramref name="port"/> is 1 to 65535, or -1 when there is none.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> hostValue, out ByteRange host, out int port)
    {
        host = default;
        port = -1;
        if (hostValue.IsEmpty)
            return false;
        int hostEnd;
        if (hostValue[0] == '[')
        {
            hostEnd = hostValue.IndexOf((byte)']') + 1;
            if (hostEnd == 0 || !Ipv6Address.IsValid(hostValue[1..(hostEnd - 1)]))
                return false;
            host = new ByteRange(0, hostEnd);
        }
        else
        {
            hostEnd = hostValue.IndexOfAnyExcept(s_name);
            if (hostEnd < 0)
                hostEnd = hostValue.Length;
            var nameEnd = hostEnd > 1 && hostValue[hostEnd - 1] == '.' ? hostEnd - 1 : hostEnd;
            if (!IsName(hostValue[..nameEnd]))
                return false;
            host = new ByteRange(0, nameEnd);
        }

        return hostEnd == hostValue.Length || TryParsePort(hostValue[hostEnd..], out port);
    }

    /// <summary>The same for a value inside a head, <paramref name="host"/> counted from the head's first byte. Names
    /// that fit one block, without a dot at either end, are judged at a glance.</summary>
    internal static bool TrySplit(ReadOnlySpan<byte> headBytes, ByteRange value, out ByteRange host, out int port)
    {
        if (HeadBlock.CanRead(headBytes) && value.Length is > 0 and < HeadBlock.Bytes)
        {
            var block = new HeadBlock(headBytes, value.Start);
            var length = Math.Min(BitOperations.TrailingZeroCount(block.Outside(s_nameSet)), value.Length);
            var dots = block.Of((byte)'.') & ((1u << length) - 1);
            var edges = 1u | 1u << (length - 1);
            if (length > 0 && (dots & (edges | dots << 1)) == 0)
            {
                host = new ByteRange(value.Start, length);
                port = -1;
                return length == value.Length || TryParsePort(headBytes[host.End..value.End], out port);
            }
        }

        var isHost = TrySplit(value.Of(headBytes), out var inValue, out port);
        host = new ByteRange(value.Start + inValue.Start, inValue.Length);
        return isHost;
    }

    private static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= MaxNameBytes
        && name[0] != '.' && name[^1] != '.'
        && name.IndexOf(".."u8) < 0;

    private static bool TryParsePort(ReadOnlySpan<byte> colonAndDigits, out int port)
    {
        port = -1;
        var digits = colonAndDigits[1..];
        if (colonAndDigits[0] != ':' || digits.Length is 0 or > MaxPortDigits)
            return false;
        var sum = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            sum = (sum * 10) + (digit - '0');
        }

        if (sum is 0 or > ushort.MaxValue)
            return false;
        port = sum;
        return true;
    }
}
