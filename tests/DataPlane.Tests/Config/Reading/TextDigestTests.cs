using DataPlane.Config.Reading;

namespace DataPlane.Tests.Config.Reading;

public sealed class TextDigestTests
{
    [Fact]
    public void EqualTexts_HaveTheSame()
    {
        for (int length = 0; length < 40; length++)
        {
            string text = new('x', length);
            Assert.Equal(TextDigest.Of(text), TextDigest.Of(("yy" + text + "zz").AsSpan(2, length)));
        }
    }

    /// <summary>Every length, every place and every bit of a character counts.</summary>
    [Fact]
    public void TextsThatDifferInOneBit_Differ()
    {
        var seen = new HashSet<UInt128>();
        int texts = 0;
        for (int length = 0; length <= 24; length++)
        {
            char[] text = new char[length];
            Assert.True(seen.Add(TextDigest.Of(text)));
            texts++;
            for (int bit = 0; bit < 16 * length; bit++)
            {
                text[bit / 16] = (char)(1 << (bit % 16));
                Assert.True(seen.Add(TextDigest.Of(text)), $"length {length}, bit {bit}");
                text[bit / 16] = '\0';
                texts++;
            }
        }
        Assert.Equal(texts, seen.Count);
    }

    [Fact]
    public void TextsWithTheirPartsExchanged_Differ()
    {
        string[] parts = ["abc", "def", "ghi", "jkl"];
        var orders = from a in parts from b in parts from c in parts select a + b + c;
        Assert.Equal(64, orders.Select(each => TextDigest.Of(each)).Distinct().Count());
    }
}
