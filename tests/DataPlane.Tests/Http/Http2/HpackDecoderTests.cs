using DataPlane.Http.Http2;

namespace DataPlane.Tests.Http.Http2;

public sealed class HpackDecoderTests
{
    public static TheoryData<string> Sections => [.. HpackExamples.All().Select(each => each.Section)];

    [Theory]
    [MemberData(nameof(Sections))]
    public void Example_SaysWhatTheRfcSays(string section)
    {
        var (_, tableBytes, blocks) = HpackExamples.All().Single(each => each.Section == section);
        var decoder = new HpackDecoder(tableBytes);
        foreach (var (block, fields, used) in blocks)
        {
            Assert.Equal(fields, Read(decoder, block));
            Assert.Equal(used, decoder.TableBytes);
        }
    }

    [Theory]
    [InlineData("80", "index 0")]
    [InlineData("be", "an index behind both tables")]
    [InlineData("7e00", "a name behind both tables")]
    [InlineData("ff", "a number without its rest")]
    [InlineData("ffffffffff07", "a number of five bytes and more")]
    [InlineData("ff8080808080808000", "a number that is long for nothing")]
    [InlineData("4003616263", "a name without a value")]
    [InlineData("40056162", "a name that is cut off")]
    [InlineData("40016105", "a value that is cut off")]
    [InlineData("3fe21f", "a table larger than announced")]
    [InlineData("202020", "more sizes than a block needs")]
    [InlineData("8220", "a size behind a field")]
    [InlineData("00016181fe", "padding with a zero in it")]
    [InlineData("0001618207ff", "padding of more than seven bits")]
    [InlineData("00016184ffffffff", "an end of string")]
    public void Malformed_IsRefused(string block, string why)
    {
        var decoder = new HpackDecoder(HpackDecoder.DefaultTableBytes);
        byte[] bytes = Convert.FromHexString(block);
        byte[] scratch = new byte[HpackDecoder.ScratchBytes(bytes.Length)];
        Assert.False(decoder.TryDecode(bytes, scratch, new GatheredFields()), why);
    }

    [Fact]
    public void EntryOverTheTable_EmptiesIt()
    {
        var decoder = new HpackDecoder(64);
        Assert.Equal("a=b", Read(decoder, "4001610162"));
        Assert.Equal(34, decoder.TableBytes);
        Assert.Equal($"a={new string('x', 40)}", Read(decoder, "40016128" + Repeat("78", 40)));
        Assert.Equal(0, decoder.TableBytes);
    }

    [Fact]
    public void NameOfTheEntryThatLeaves_IsTakenFirst()
    {
        var decoder = new HpackDecoder(80);
        Assert.Equal("name=" + new string('a', 40), Read(decoder, "40046e616d6528" + Repeat("61", 40)));
        for (int each = 0; each < 10; each++)
        {
            Assert.Equal("name=" + new string('b', 44), Read(decoder, "7e2c" + Repeat("62", 44)));
            Assert.Equal(80, decoder.TableBytes);
            Assert.Equal("name=" + new string('b', 44), Read(decoder, "be"));
        }
    }

    [Fact]
    public void SmallerTable_DropsTheEldest()
    {
        var decoder = new HpackDecoder(4096);
        Read(decoder, "4001610162" + "4001630164");
        Assert.Equal("c=d|a=b", Read(decoder, "bebf"));
        Assert.Equal("c=d", Read(decoder, "3f03be"));
        Assert.Equal(34, decoder.TableBytes);
        Assert.Equal("", Read(decoder, "203fe11f"));
        Assert.Equal(0, decoder.TableBytes);
    }

    [Fact]
    public void ThousandsOfEntries_AreRememberedInTheirOrder()
    {
        var decoder = new HpackDecoder(4096);
        var random = new Random(1);
        var told = new List<string>();
        for (int each = 0; each < 5000; each++)
        {
            string value = new((char)('a' + (each % 26)), random.Next(200));
            told.Insert(0, $"n={value}");
            string octets = Convert.ToHexStringLower(Latin1.Bytes(value));
            Assert.Equal(told[0], Read(decoder, $"40016e{Number(value.Length)}{octets}"));
            Assert.InRange(decoder.TableBytes, 1, 4096);
            // All that fit, and no more.
            int fitting = 0;
            for (int sum = 0; fitting < told.Count && (sum += told[fitting].Length - 1 + 32) <= 4096;) fitting++;
            int asked = random.Next(Math.Min(fitting, 60));
            Assert.Equal(told[asked], Read(decoder, $"{0x80 + 62 + asked:x2}"));
        }
    }

    [Fact]
    public void Decoding_AllocatesNothing()
    {
        var decoder = new HpackDecoder(4096);
        byte[] block = Convert.FromHexString("886196d07abe941054d444a8200595040b8166e084a62d1bff5a839bd9ab");
        byte[] scratch = new byte[HpackDecoder.ScratchBytes(block.Length)];
        var sink = new CountingFields();
        Assert.True(decoder.TryDecode(block, scratch, sink));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int each = 0; each < 1000; each++) decoder.TryDecode(block, scratch, sink);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(3 * 1001, sink.Count);
    }

    private static string Read(HpackDecoder decoder, string block)
    {
        byte[] bytes = Convert.FromHexString(block);
        var gathered = new GatheredFields();
        Assert.True(decoder.TryDecode(bytes, new byte[HpackDecoder.ScratchBytes(bytes.Length)], gathered), block);
        return gathered.Text;
    }

    private static string Repeat(string octet, int count) => string.Concat(Enumerable.Repeat(octet, count));

    private static string Number(int number) => number < 127 ? $"{number:x2}" : $"7f{number - 127:x2}";

    private sealed class CountingFields : IFieldSink
    {
        public int Count { get; private set; }

        public void Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Count++;
    }
}
