using System.Text;
using DataPlane.Http.Caching;

namespace DataPlane.Tests.Http.Caching;

public sealed class CacheControlTests
{
    [Theory]
    [InlineData("max-age=60", 60)]
    [InlineData("MaX-aGe=60", 60)]
    [InlineData("max-age=\"60\"", 60)]
    [InlineData("max-age=0060", 60)]
    [InlineData("foo, max-age=60 , bar", 60)]
    [InlineData("max-age=60, max-age=1", 60)]
    [InlineData("x=\"max-age=60\", max-age=1", 1)]
    [InlineData("x=\"a\\\", max-age=60\", max-age=1", 1)]
    [InlineData("max-age=99999999999999", int.MaxValue)]
    [InlineData("max-age=60.5", 0)]
    [InlineData("max-age=-60", 0)]
    [InlineData("max-age", 0)]
    [InlineData("max-age =60", 0)]
    [InlineData("max-age=a60", 0)]
    [InlineData("xmax-age=60", -1)]
    [InlineData("", -1)]
    [InlineData(",,,=,\"", -1)]
    public void MaxAge_IsReadAsCachesDo(string value, int seconds) => Assert.Equal(seconds, Read(value).MaxAge);

    [Theory]
    [InlineData("no-store", CacheFlags.NoStore)]
    [InlineData("No-Store, PRIVATE", CacheFlags.NoStore | CacheFlags.Private)]
    [InlineData("no-cache=\"set-cookie\"", CacheFlags.NamesFields)]
    [InlineData("private=\"a, b\", must-revalidate", CacheFlags.NamesFields | CacheFlags.MustRevalidate)]
    [InlineData("no-cache=\"\"", CacheFlags.NoCache)]
    [InlineData("only-if-cached, max-stale", CacheFlags.OnlyIfCached | CacheFlags.AnyStale)]
    [InlineData("no-stores", CacheFlags.None)]
    public void Flags_AreRead(string value, CacheFlags flags) => Assert.Equal(flags, Read(value).Flags);

    [Theory]
    [InlineData("private=\"Set-Cookie, X\"", "x", true)]
    [InlineData("private=\"Set-Cookie, X\", no-cache=\"y\"", "Y", true)]
    [InlineData("private=\"Set-Cookie\"", "cookie", false)]
    [InlineData("other=\"x\"", "x", false)]
    public void QualifiedDirective_NamesItsFields(string value, string field, bool isNamed) => Assert.Equal(
        isNamed, CacheControl.NamesField(Encoding.ASCII.GetBytes(value), Encoding.ASCII.GetBytes(field)));

    [Theory]
    [InlineData("max-age=60", 60, CacheFlags.None)]
    [InlineData("max-age=60, no-store;x=1", 60, CacheFlags.NoStore)]
    [InlineData("private=?0, max-age=1, max-age=60", 60, CacheFlags.None)]
    [InlineData("x=(a b);y, z=:YQ==:, max-age=60", 60, CacheFlags.None)]
    public void TargetedField_IsADictionary(string value, int age, CacheFlags flags)
    {
        var directives = new CacheDirectives();
        Assert.True(TargetedCacheControl.TryRead(Encoding.ASCII.GetBytes(value), ref directives));
        Assert.Equal((age, flags), (directives.MaxAge, directives.Flags));
    }

    [Theory]
    [InlineData("")]
    [InlineData("max-age=60, &&&&&")]
    [InlineData("max-age=60,")]
    [InlineData("max-age=\"60\"")]
    [InlineData("max-age=60.5")]
    [InlineData("max-age= 60")]
    [InlineData("max-age =60")]
    [InlineData("x=\"open, max-age=60")]
    [InlineData("max-age=-1")]
    public void TargetedFieldThatIsNoDictionary_CountsForNothing(string value)
    {
        var directives = new CacheDirectives();
        Assert.False(TargetedCacheControl.TryRead(Encoding.ASCII.GetBytes(value), ref directives));
    }

    [Fact]
    public void AnyBytes_AreReadToTheirEnd()
    {
        var random = new Random(1);
        byte[] alphabet = Encoding.ASCII.GetBytes("max-age=60,\"\\ ;?():*no-cache private\t");
        byte[] value = new byte[40];
        for (int round = 0; round < 20_000; round++)
        {
            for (int at = 0; at < value.Length; at++) value[at] = alphabet[random.Next(alphabet.Length)];
            var some = value.AsSpan(0, random.Next(value.Length));
            var directives = new CacheDirectives();
            CacheControl.Read(some, ref directives);
            CacheControl.NamesField(some, "x"u8);
            TargetedCacheControl.TryRead(some, ref directives);
            EntityTags.MatchesAny(some, "\"x\""u8);
            RangeField.Read(some, 100, out _, out _);
            _ = HttpDate.TryParse(some, 0, out _);
            Assert.InRange(directives.MaxAge, -1, int.MaxValue);
        }
    }

    private static CacheDirectives Read(string value)
    {
        var directives = new CacheDirectives();
        CacheControl.Read(Encoding.ASCII.GetBytes(value), ref directives);
        return directives;
    }
}
