using DataPlane.Config;

namespace DataPlane.Tests.Config;

public sealed class SecretNumberTests
{
    [Fact]
    public void EveryBit_IsSetAboutHalfOfTheTime()
    {
        const int Draws = 4000;
        int[] set = new int[64];
        for (int draw = 0; draw < Draws; draw++)
        {
            ulong number = SecretNumber.Next();
            for (int bit = 0; bit < set.Length; bit++) set[bit] += (int)(number >> bit) & 1;
        }
        // Eight standard deviations: 32.
        Assert.All(set, count => Assert.InRange(count, (Draws / 2) - 256, (Draws / 2) + 256));
    }
}
