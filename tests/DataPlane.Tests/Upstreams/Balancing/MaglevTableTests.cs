using System.Text;
using DataPlane.Gateway.Upstreams.Balancing;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlane.Tests.Upstreams.Balancing;

public sealed class MaglevTableTests
{
    /// <summary>Of the slots that did not belong to the endpoint removed, so many may change hands.</summary>
    private const double MostDisruption = 0.02;

    [Fact]
    public void RemovingOne_MovesAtMostTwoPercentOfTheOthers() => Prop.ForAll(
        Gen.Choose(2, 60).Two().ToArbitrary(),
        sizes =>
        {
            var (count, salt) = sizes;
            byte[][] names = Names(count, salt);
            int removed = salt % count;
            int[] weights = [.. Enumerable.Repeat(1, count)];
            byte[] before = MaglevTable.Build(names, weights);
            weights[removed] = 0;
            byte[] after = MaglevTable.Build(names, weights);
            int moved = Enumerable.Range(0, MaglevTable.Size)
                .Count(slot => before[slot] != removed && before[slot] != after[slot]);
            return moved <= MostDisruption * MaglevTable.Size && !after.Contains((byte)removed);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void Shares_FollowTheWeights()
    {
        int[] weights = [1000, 500, 250, 1, 0];
        byte[] table = MaglevTable.Build(Names(5, 0), weights);
        for (int each = 0; each < weights.Length; each++)
        {
            double share = table.Count(slot => slot == each) / (double)MaglevTable.Size;
            Assert.InRange(share, weights[each] / 1751.0 - 0.005, weights[each] / 1751.0 + 0.005);
        }
    }

    [Fact]
    public void OrderOfTheEndpoints_DoesNotMatter()
    {
        byte[][] names = Names(7, 1);
        byte[] table = MaglevTable.Build(names, [1, 1, 1, 1, 1, 1, 1]);
        byte[] reversed = MaglevTable.Build([.. names.Reverse()], [1, 1, 1, 1, 1, 1, 1]);
        int same = Enumerable.Range(0, MaglevTable.Size).Count(slot => table[slot] == 6 - reversed[slot]);
        Assert.InRange(same, (int)(0.98 * MaglevTable.Size), MaglevTable.Size);
    }

    [Fact]
    public void MostEndpoints_AllHaveSlots()
    {
        byte[] table = MaglevTable.Build(Names(255, 2), [.. Enumerable.Repeat(3, 255)]);
        Assert.Equal(255, table.Distinct().Count());
        Assert.DoesNotContain(byte.MaxValue, table);
    }

    private static byte[][] Names(int count, int salt) =>
        [.. Enumerable.Range(0, count).Select(each => Encoding.ASCII.GetBytes($"http://10.{salt}.0.{each}:8080"))];
}
