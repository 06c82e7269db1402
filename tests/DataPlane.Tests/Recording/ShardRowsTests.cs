using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class ShardRowsTests
{
    [Fact]
    public void IndexNeverPut_IsNull()
    {
        var rows = new ShardRows<string>();
        Assert.Null(rows.Find(0));
        Assert.Null(rows.Find(1_000_000));
    }

    [Fact]
    public void FarIndexPut_KeepsWhatWasThere()
    {
        var rows = new ShardRows<string>();
        rows.Put(3, "three");
        rows.Put(10_000, "far");
        Assert.Equal("three", rows.Find(3));
        Assert.Equal("far", rows.Find(10_000));
        Assert.True(rows.Count > 10_000);
    }

    [Fact]
    public async Task OwnerCountsAndGrowsWhileOthersRead_NoCountIsLost()
    {
        const int Rows = 3_000;
        const int Rounds = 40;
        var rows = new ShardRows<CounterBlock>();
        var owner = Task.Run(() =>
        {
            // Every round counts on all rows there are and brings new ones: growth happens in the middle of counting.
            for (int round = 1; round <= Rounds; round++)
            {
                for (int index = 0; index < Rows * round / Rounds; index++)
                {
                    var row = rows.Find(index);
                    if (row is null) rows.Put(index, row = new CounterBlock(2));
                    row.Add(0, 1);
                    row.Add(1, 2);
                }
            }
        });
        long last = 0;
        while (!owner.IsCompleted)
        {
            long now = Sum(rows);
            Assert.True(now >= last, $"fell from {last} to {now}");
            last = now;
        }
        await owner;
        long expected = Enumerable.Range(1, Rounds).Sum(round => (long)Rows * round / Rounds) * 3;
        Assert.Equal(expected, Sum(rows));
    }

    private static long Sum(ShardRows<CounterBlock> rows)
    {
        long sum = 0;
        for (int index = 0; index < rows.Count; index++)
        {
            if (rows.Find(index) is { } row) sum += row.Read(0) + row.Read(1);
        }
        return sum;
    }
}
