using DataPlane.Gateway.Loops;

namespace DataPlane.Tests.Loops;

public sealed class SlabPoolTests
{
    [Theory]
    [InlineData(0, 1024)]
    [InlineData(1, 1024)]
    [InlineData(1024, 1024)]
    [InlineData(1025, 2048)]
    [InlineData(4096, 4096)]
    [InlineData(65537, 131072)]
    [InlineData(131072, 131072)]
    [InlineData(131073, 131073)]
    public void Rent_GivesTheNextSize(int asked, int given) => Assert.Equal(given, new SlabPool().Rent(asked).Length);

    [Fact]
    public void Returned_IsRentedAgain()
    {
        var pool = new SlabPool();
        byte[] slab = pool.Rent(5000);
        Assert.Equal(1, pool.Outstanding);
        pool.Return(slab);
        Assert.Equal(0, pool.Outstanding);
        Assert.Same(slab, pool.Rent(8192));
    }

    [Fact]
    public void ReturnedAboveTheSpares_IsLeftToTheCollector()
    {
        var pool = new SlabPool();
        var slabs = Enumerable.Range(0, 20).Select(_ => pool.Rent(SlabPool.LargestBytes)).ToArray();
        foreach (byte[] slab in slabs) pool.Return(slab);
        var again = Enumerable.Range(0, 20).Select(_ => pool.Rent(SlabPool.LargestBytes)).ToArray();
        Assert.Equal(8, again.Count(slab => slabs.Contains(slab)));
        Assert.Equal(20, again.Distinct().Count());
    }
}
