using System.Text;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Tests.Pipeline;

public sealed class RandomIdsTests
{
    private const int Drawn = 2000;

    [Fact]
    public void Ids_AreLowerHexAndNeverTheSame()
    {
        var ids = new RandomIds();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int each = 0; each < Drawn; each++)
        {
            string id = Next(ids);
            Assert.All(id, digit => Assert.Contains(digit, "0123456789abcdef"));
            Assert.True(seen.Add(id), $"{id} came twice");
        }
    }

    [Fact]
    public void Ids_OfTwoExchangesDiffer() => Assert.NotEqual(Next(new RandomIds()), Next(new RandomIds()));

    /// <summary>Samplers decide by the first digits: each of them has to come as often as the others.</summary>
    [Fact]
    public void FirstDigits_AreEven()
    {
        var ids = new RandomIds();
        int[] counts = new int[16];
        for (int each = 0; each < 16 * Drawn; each++) counts[Convert.ToInt32(Next(ids)[..1], 16)]++;
        // Eight standard deviations.
        Assert.All(counts, count => Assert.InRange(count, Drawn - 350, Drawn + 350));
    }

    private static string Next(RandomIds ids)
    {
        byte[] digits = new byte[RandomIds.Digits];
        ids.Write(digits);
        return Encoding.ASCII.GetString(digits);
    }
}
