using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Loops;

namespace DataPlane.Benchmarks.Loops;

/// <summary>Hot type: <see cref="SlabPool"/>. One rent and its return per operation.</summary>
[MemoryDiagnoser]
public class SlabPoolBenchmarks
{
    private readonly SlabPool _slabs = new();

    [GlobalSetup]
    public void SetUp()
    {
        Expect.Same(2048, Head());
        Expect.Same(128 * 1024, Largest());
        Expect.That(ReferenceEquals(RentAndReturn(2048), RentAndReturn(2048)), "a slab is used again");
        Expect.Same(0, _slabs.Outstanding);
    }

    [Benchmark]
    public int Head() => RentAndReturn(2048).Length;

    [Benchmark]
    public int Largest() => RentAndReturn(SlabPool.LargestBytes).Length;

    private byte[] RentAndReturn(int bytes)
    {
        var slab = _slabs.Rent(bytes);
        _slabs.Return(slab);
        return slab;
    }
}
