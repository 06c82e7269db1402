using DataPlane.Gateway.Caching.Store;
using Xunit.Abstractions;

namespace DataPlane.Tests.Caching.Store;

/// <summary>What is left unused between entries of very different sizes that come and go.</summary>
public sealed class FragmentationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 64 * 1024)]
    [InlineData(2, 64 * 1024)]
    [InlineData(3, 512 * 1024)]
    public void MixedSizes_FillTheMemoryAsLongAsItRuns(int seed, int largestBytes)
    {
        const int Capacity = 32 * 1024 * 1024;
        using var store = new CacheStore(
            Capacity, 2 * largestBytes, TimeProvider.System, compressor: null, compressAboveBytes: 0, shards: 1);
        var random = new Random(seed);
        byte[] body = new byte[largestBytes];
        double least = 1;
        for (int each = 0; each < 60_000; each++)
        {
            // As many of 100 to 200 bytes as of 32 to 64 KiB; every third has a length that is not known before.
            int length = (int)(100 * Math.Pow(largestBytes / 100.0, random.NextDouble()));
            var fill = store.Begin(BitConverter.GetBytes(random.Next(20_000)), each % 3 == 0 ? -1 : length);
            Assert.True(fill.Append(body.AsSpan(0, length)));
            Assert.True(fill.Commit(body.AsSpan(0, 200), 0L, default, default));
            if (each > 20_000) least = Math.Min(least, (double)store.Counts.Bytes / Capacity);
        }
        output.WriteLine($"largest {largestBytes}: at least {least:P1} of the memory is taken");
        Assert.True(least > 0.85, $"only {least:P1} of the memory is used");
    }
}
