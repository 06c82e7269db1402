namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes in <c>cache</c>.</summary>
public sealed class CacheErrorTests
{
    [Fact]
    public void EntryLargerThanTheMemory_IsRefused() => ConfigText.Fails(
        """
        cache: { memory: 1MiB, entry: 2MiB }
        """,
        "g.yaml:1:31: cache.entry: is larger than the memory of all entries; lower it, or raise memory");

    [Fact]
    public void DiskWithoutAFolder_IsRefused() => ConfigText.Fails(
        """
        cache: { disk: { maxSize: 1GiB } }
        """,
        "g.yaml:1:16: cache.disk.path: is required; add 'path: ...'");

    [Fact]
    public void DiskInAFile_IsRefused()
    {
        string file = Path.GetTempFileName();
        try
        {
            ConfigText.Fails(
                $$"""
                cache: { disk: { path: "{{file}}" } }
                """,
                "g.yaml:1:24: cache.disk.path: is a file; write the path of a folder");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void SmallDisk_IsRefused() => ConfigText.Fails(
        """
        cache: { disk: { path: /a, maxSize: 64KiB, fast: true } }
        """,
        "g.yaml:1:37: cache.disk.maxSize: '64KiB' is out of range; write a value from 1MiB to 16384GiB",
        "g.yaml:1:44: cache.disk.fast: unknown key 'fast'; known keys are: path, maxSize");

    [Fact]
    public void Disk_IsOffByDefault_AndLiesBesideTheFile()
    {
        Assert.Null(ConfigText.Config("cache: { memory: 8MiB }").Cache.Disk);
        var disk = ConfigText.Config("cache: { disk: { path: stored } }").Cache.Disk!;
        Assert.Equal((Path.GetFullPath("stored"), 1L << 30), (disk.Path, disk.MaxSize));
    }
}
