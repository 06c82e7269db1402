using DataPlane.Gateway.Caching.Store;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Recording;
using DataPlane.Tests.Transport;
using static DataPlane.Tests.Caching.Store.StoreRig;

namespace DataPlane.Tests.Caching.Store;

/// <summary>What memory has no room for is on disk, until it is asked for, purged or overwritten.</summary>
public sealed class DiskTierTests : IDisposable
{
    private const int Capacity = 256 * 1024;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cache-disk-");
    private readonly LogTrap _log = new();
    private readonly CacheJournal _journal = new();
    private DiskTier _disk = null!;
    private StoreRig _rig = null!;
    private DiskReader _reader = null!;

    public DiskTierTests()
    {
        _journal.LogTo(_log.CreateLogger("cache"));
        Start(_folder.FullName, diskBytes: 4 << 20);
    }

    public void Dispose()
    {
        _rig.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1_000, false)]
    [InlineData(30_000, false)]
    [InlineData(30_000, true)]
    public async Task EvictedEntry_ComesBackAsItWas(int bytes, bool isPacked)
    {
        if (isPacked) Restart(new RunLengthCompressor());
        byte[] body = BodyOf(7, bytes);
        if (isPacked) body.AsSpan().Fill(3);
        Assert.True(_rig.Fill("seven", body, tags: "odd prime", url: "/7", meta: 77));
        await EvictAsync("seven");
        Assert.True(Restore("seven"));
        Assert.True(_rig.Store.TryGet("seven"u8, out var lease));
        using (lease)
        {
            Assert.Equal(body, Body(lease));
            Assert.Equal(77, lease.Meta<long>());
            Assert.Equal("head of seven", Text(lease.Head.Span));
        }
        // It is in one place only.
        Assert.False(_rig.Store.IsOnDisk("seven"u8));
        Assert.Equal((1, 0), (_disk.Counts.HitsTotal, _disk.Counts.ErrorsTotal));
        _rig.Store.PurgeTag("prime"u8);
        Assert.Null(_rig.Get("seven"));
    }

    [Theory]
    [InlineData("key", false, null)]
    [InlineData("url", false, null)]
    [InlineData("url", true, "~x")]
    [InlineData("prefix", false, null)]
    [InlineData("prefix", true, "~x")]
    [InlineData("tag", false, null)]
    [InlineData("tag", true, "~x")]
    [InlineData("all", false, null)]
    [InlineData("all", true, "~x")]
    [InlineData("other", false, "x")]
    public async Task Purge_TakesWhatIsOnDiskAlong(string kind, bool isSoft, string? left)
    {
        _rig.Fill("a", "x", tags: "red blue", url: "/a/1");
        await EvictAsync("a");
        switch (kind)
        {
            case "key":
                Assert.True(_rig.Store.Remove("a"u8));
                break;
            case "url":
                _rig.Store.PurgeUrl("/a/1"u8, isSoft);
                break;
            case "prefix":
                _rig.Store.PurgePrefix("/a"u8, isSoft);
                break;
            case "tag":
                _rig.Store.PurgeTag("blue"u8, isSoft);
                break;
            case "all":
                _rig.Store.PurgeAll(isSoft);
                break;
            default:
                _rig.Store.PurgeUrl("/b"u8);
                _rig.Store.PurgePrefix("/b"u8);
                _rig.Store.PurgeTag("green"u8);
                break;
        }
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(left is not null, Restore("a"));
        Assert.Equal(left, _rig.Get("a"));
        Assert.Equal(0, _disk.Counts.ErrorsTotal);
    }

    [Fact]
    public async Task PurgeBeforeTheWrite_CountsToo()
    {
        _rig.Fill("a", "x", url: "/a");
        // Nothing is waited for: some are on disk by now, some on their way, and some in memory.
        for (int each = 0; each < 100; each++) _rig.Fill("b" + each, BodyOf(each, 20_000), url: "/a");
        _rig.Store.PurgeUrl("/a"u8);
        await Eventually.HoldsAsync(() => _disk.Counts.Entries == 0, "nothing left");
        for (int each = 0; each < 100; each++) Assert.False(Restore("b" + each));
        Assert.False(Restore("a"));
    }

    [Fact]
    public async Task NewerResponse_IsNotReplacedByTheOneOnDisk()
    {
        _rig.Fill("a", "old");
        await EvictAsync("a");
        _rig.Fill("a", "new");
        Assert.False(Restore("a"));
        Assert.Equal("new", _rig.Get("a"));
    }

    [Fact]
    public async Task PurgesThatAreForgotten_KeepItOut()
    {
        _rig.Fill("a", "x", tags: "t");
        await EvictAsync("a");
        _rig.Store.PurgeTag("t"u8);
        for (int each = 0; each < CacheLimits.RecentPurges; each++) _rig.Store.PurgeTag(Bytes("t" + each));
        Assert.False(Restore("a"));
    }

    [Fact]
    public async Task OldestEntries_AreOverwritten()
    {
        Restart(compressor: null, diskBytes: 1 << 20);
        for (int each = 0; each < 200; each++)
        {
            _rig.Fill("k" + each, BodyOf(each, 20_000));
            await SettledAsync();
        }
        var counts = _disk.Counts;
        Assert.InRange(counts.Bytes, 800_000, 1 << 20);
        Assert.InRange(FileBytes(), 800_000, 1 << 20);
        Assert.False(Restore("k1"));
        int there = 0;
        for (int each = 199; each >= 100 && there < 20; each--)
        {
            string key = "k" + each;
            if (!_rig.Store.IsOnDisk(Bytes(key)) || !Restore(key)) continue;
            Assert.True(_rig.Store.TryGet(Bytes(key), out var lease));
            using (lease) Assert.Equal(BodyOf(each, 20_000), Body(lease));
            there++;
        }
        Assert.Equal(20, there);
        Assert.Equal(0, _disk.Counts.ErrorsTotal);
    }

    [LinuxTheory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(70)]
    [InlineData(5_000)]
    [InlineData(-1)]
    public async Task DamagedRecord_IsAMiss(int offset)
    {
        _rig.Fill("a", BodyOf(1, 10_000));
        await EvictAsync("a");
        using (var file = OpenByDescriptor())
        {
            byte[] all = new byte[file.Length];
            file.ReadExactly(all);
            // Meta, key and head are between.
            int front = DiskRecord.HeaderBytes + 8 + 1 + 9;
            int start = all.AsSpan().IndexOf(BodyOf(1, 10_000).AsSpan(0, 64)) - front;
            int end = start + front + 10_000 + DiskRecord.TailBytes;
            file.Position = offset < 0 ? end + offset : start + offset;
            int there = all[file.Position];
            file.WriteByte((byte)~there);
        }
        Assert.False(Restore("a"));
        Assert.Null(_rig.Get("a"));
        Assert.Equal(1, _disk.Counts.ErrorsTotal);
        Assert.False(_rig.Store.IsOnDisk("a"u8));
    }

    [LinuxFact]
    public async Task FileCutShort_IsAMiss()
    {
        _rig.Fill("a", BodyOf(1, 10_000));
        await EvictAsync("a");
        using (var file = OpenByDescriptor()) file.SetLength(0);
        Assert.False(Restore("a"));
        Assert.Null(_rig.Get("a"));
    }

    [Fact]
    public async Task File_HasNoName()
    {
        _rig.Fill("a", "x");
        await EvictAsync("a");
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public async Task FolderThatCannotBe_IsToldOnceAndTriedAgain()
    {
        string file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "");
        Restart(compressor: null, folder: file);
        for (int each = 0; each < 100; each++) _rig.Fill("k" + each, BodyOf(each, 20_000));
        await SettledAsync();
        await Eventually.HoldsAsync(() => _log.Lines.Count == 1, "one line");
        Assert.Contains(file, _log.Lines.Single());
        File.Delete(file);
        Fill(100);
        await SettledAsync();
        Assert.Equal(0, _disk.Counts.WritesTotal);
        _rig.Time.Advance(TimeSpan.FromSeconds(61));
        Fill(200);
        await Eventually.HoldsAsync(() => _disk.Counts.WritesTotal > 0, "a write");
        Assert.Single(_log.Lines);

        void Fill(int from)
        {
            for (int each = from; each < from + 50; each++) _rig.Fill("k" + each, BodyOf(each, 20_000));
        }
    }

    [LinuxFact]
    public async Task FullDisk_TurnsTheTierOffForAWhile()
    {
        using var small = SmallDisk.TryMount(kib: 256);
        if (small is null)
        {
            Skipped.Say("FullDisk needs the right to mount a tmpfs");
            return;
        }
        Restart(compressor: null, folder: small.Folder);
        for (int each = 0; each < 50; each++)
        {
            _rig.Fill("k" + each, BodyOf(each, 20_000));
            await SettledAsync();
        }
        Assert.Single(_log.Lines);
        Assert.Equal((1, 0, 0), (_disk.Counts.ErrorsTotal, _disk.Counts.Entries, _disk.Counts.Bytes));
        Assert.InRange(_disk.Counts.WritesTotal, 1, 13);
        // The disk has its room back, and memory goes on.
        await File.WriteAllBytesAsync(Path.Combine(small.Folder, "other"), new byte[200 * 1024]);
        Assert.NotNull(_rig.Get("k49"));
    }

    private static byte[] BodyOf(int seed, int bytes)
    {
        byte[] body = new byte[bytes];
        new Random(seed).NextBytes(body);
        return body;
    }

    private void Start(string folder, long diskBytes, IBlockCompressor? compressor = null)
    {
        var time = new VirtualTime();
        _disk = new DiskTier(folder, diskBytes, time, _journal);
        _rig = new StoreRig(Capacity, 64 * 1024, compressor, shards: 1, _disk, time);
        _reader = _disk.NewReader();
    }

    private void Restart(IBlockCompressor? compressor, string? folder = null, long diskBytes = 4 << 20)
    {
        _rig.Dispose();
        Start(folder ?? _folder.FullName, diskBytes, compressor);
    }

    private bool Restore(string key) => _rig.Store.Restore(Bytes(key), _reader);

    private Task SettledAsync() => Eventually.HoldsAsync(() => _disk.IsIdle, "everything written");

    /// <summary>Others come, until the entry is no longer in memory.</summary>
    private async Task EvictAsync(string key)
    {
        for (int each = 0; !_rig.Store.IsOnDisk(Bytes(key)); each++)
        {
            Assert.InRange(each, 0, 100);
            _rig.Fill("filler" + each, BodyOf(1000 + each, 10_000), tags: "filler", url: "/filler");
            await SettledAsync();
        }
        Assert.Null(_rig.Get(key));
    }

    private FileStream OpenByDescriptor() => new(
        Directory.GetFiles("/proc/self/fd").First(IsOurs), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    private long FileBytes()
    {
        if (!OperatingSystem.IsLinux()) return 1 << 20;
        using var file = OpenByDescriptor();
        return file.Length;
    }

    private bool IsOurs(string link) =>
        new FileInfo(link).LinkTarget is { } target && target.Contains(_folder.Name, StringComparison.Ordinal);
}
