using System.Numerics;
using DataPlane.Http.Http2;

namespace DataPlane.Tests.Http.Http2;

public sealed class HuffmanCodeTests
{
    /// <summary>Some codes of each length there is, as RFC 7541, appendix B, lists them.</summary>
    [Theory]
    [InlineData('0', 0x0, 5)]
    [InlineData('t', 0x9, 5)]
    [InlineData(' ', 0x14, 6)]
    [InlineData('u', 0x2d, 6)]
    [InlineData(':', 0x5c, 7)]
    [InlineData('z', 0x7b, 7)]
    [InlineData('&', 0xf8, 8)]
    [InlineData('Z', 0xfd, 8)]
    [InlineData('!', 0x3f8, 10)]
    [InlineData('|', 0x7fc, 11)]
    [InlineData('>', 0xffb, 12)]
    [InlineData('\0', 0x1ff8, 13)]
    [InlineData('^', 0x3ffc, 14)]
    [InlineData('{', 0x7ffe, 15)]
    [InlineData('\\', 0x7fff0, 19)]
    [InlineData('\u0080', 0xfffe6, 20)]
    [InlineData('\u0099', 0x1fffdc, 21)]
    [InlineData('\u0081', 0x3fffd2, 22)]
    [InlineData('\u0001', 0x7fffd8, 23)]
    [InlineData('\t', 0xffffea, 24)]
    [InlineData('\u00c7', 0x1ffffec, 25)]
    [InlineData('\u00ff', 0x3ffffee, 26)]
    [InlineData('\u00cb', 0x7ffffde, 27)]
    [InlineData('\u00f9', 0xffffffe, 28)]
    [InlineData('\n', 0x3ffffffc, 30)]
    [InlineData('\u0016', 0x3ffffffe, 30)]
    public void Code_IsThatOfItsOctet(char octet, int code, int bits)
    {
        // Thrice, so that it begins at different bits, and padded with ones.
        var number = BigInteger.Zero;
        for (int each = 0; each < 3; each++) number = (number << bits) | code;
        int padding = (8 - (bits * 3 % 8)) % 8;
        number = (number << padding) | ((1 << padding) - 1);
        byte[] coded = new byte[((bits * 3) + padding) / 8];
        byte[] written = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        written.CopyTo(coded, coded.Length - written.Length);

        byte[] decoded = new byte[HuffmanCode.DecodedBound(coded.Length)];
        Assert.True(HuffmanCode.TryDecode(coded, decoded, out int length));
        Assert.Equal(new string(octet, 3), Latin1.Text(decoded.AsSpan(0, length)));
    }

    [Fact]
    public void RandomBytes_StayWithinTheBound()
    {
        var random = new Random(2);
        int taken = 0;
        for (int round = 0; round < 100_000; round++)
        {
            byte[] coded = new byte[random.Next(12)];
            random.NextBytes(coded);
            if (HuffmanCode.TryDecode(coded, new byte[HuffmanCode.DecodedBound(coded.Length)], out int length)) taken++;
            Assert.InRange(length, 0, HuffmanCode.DecodedBound(coded.Length));
        }
        Assert.InRange(taken, 1000, 99_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("07")]
    public void ShortestCodes_ReachTheBoundAtMost(string coded)
    {
        byte[] bytes = Convert.FromHexString(coded);
        byte[] decoded = new byte[HuffmanCode.DecodedBound(bytes.Length)];
        Assert.True(HuffmanCode.TryDecode(bytes, decoded, out int length));
        Assert.Equal(bytes.Length, length);
    }
}
