using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>A route that caches in a small memory with a disk behind it.</summary>
public sealed class CacheDiskTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cache-disk-");
    private readonly string _body = new('b', 30_000);

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [EveryWire]
    public async Task ResponseThatMemoryHasNoRoomFor_ComesFromDisk(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Answer);
        await gateway.StartAsync(Yaml(upstream.Url));
        await AskAsync(gateway, "/first");
        await EvictAsync(gateway, "/first");
        int asked = upstream.Count;
        var hit = await AskAsync(gateway, "/first");
        Assert.StartsWith("dataplane; hit; ttl=", hit.Field("Cache-Status"));
        Assert.Equal((200, _body + "/first"), (hit.Status, hit.Text));
        Assert.Equal(asked, upstream.Count);
        Assert.Equal(1, gateway.Snapshot.Cache!.Store.Disk!.Counts.HitsTotal);
        // Now it is in memory.
        Assert.Contains("; hit", (await AskAsync(gateway, "/first")).Field("Cache-Status"));
        Assert.Equal(1, gateway.Snapshot.Cache.Store.Disk.Counts.HitsTotal);
    }

    [Theory]
    [EveryWire]
    public async Task Herd_ReadsOnceAndAsksNobody(Wire wire)
    {
        await using var gateway = TestGateway.Create(wire);
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Answer);
        await gateway.StartAsync(Yaml(upstream.Url));
        await AskAsync(gateway, "/first");
        await EvictAsync(gateway, "/first");
        int asked = upstream.Count;
        var herd = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(gateway, "/first")));
        Assert.All(herd, response => Assert.Equal(_body + "/first", response.Text));
        Assert.Equal(asked, upstream.Count);
        Assert.Equal(1, gateway.Snapshot.Cache!.Store.Disk!.Counts.HitsTotal);
    }

    [Fact]
    public async Task EveryKindOfRequest_FindsIt()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Answer);
        await gateway.StartAsync(Yaml(upstream.Url));
        (string Line, string Field, int Status, int Bytes)[] requests =
        [
            ("HEAD /1", "X: y", 200, 0),
            ("GET /2", "Range: bytes=0-9", 206, 10),
            ("GET /3", "If-None-Match: \"a\"", 304, 0),
            ("GET /4", "Cache-Control: only-if-cached", 200, 30_002),
        ];
        int hits = 0;
        foreach (var (line, field, status, bytes) in requests)
        {
            string path = line.Split(' ')[1];
            await AskAsync(gateway, path);
            await EvictAsync(gateway, path);
            int asked = upstream.Count;
            var response = await gateway.AskAsync($"{line} HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n");
            Assert.Equal((status, bytes), (response.Status, response.Text.Length));
            Assert.Equal(asked, upstream.Count);
            Assert.Equal(++hits, gateway.Snapshot.Cache!.Store.Disk!.Counts.HitsTotal);
        }
    }

    [Fact]
    public async Task Variants_ComeBackByTheNamesOfVary()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), request => ScriptedUpstream.Ok(
            "Cache-Control: max-age=60\r\nVary: Accept-Language", _body + request.Field("Accept-Language")));
        await gateway.StartAsync(Yaml(upstream.Url));
        string[] languages = ["Accept-Language: de", "Accept-Language: fr"];
        foreach (string language in languages) await AskAsync(gateway, "/first", language);
        await EvictAsync(gateway, "/first");
        int asked = upstream.Count;
        foreach (string language in languages)
            Assert.Equal(_body + language[^2..], (await AskAsync(gateway, "/first", language)).Text);
        Assert.Equal(asked, upstream.Count);
    }

    [Fact]
    public async Task Change_TakesWhatIsOnDiskOut()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(gateway.Listen(), Answer);
        await gateway.StartAsync(Yaml(upstream.Url));
        await AskAsync(gateway, "/first");
        await EvictAsync(gateway, "/first");
        await gateway.AskAsync("PUT /first HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        Assert.Contains("fwd=uri-miss", (await AskAsync(gateway, "/first")).Field("Cache-Status"));
    }

    [Fact]
    public async Task ExpiredResponse_IsValidated()
    {
        await using var gateway = new MemoryGateway();
        await using var upstream = new ScriptedUpstream(
            gateway.Listen(), request => request.Field("If-None-Match") is null
                ? Answer(request) : "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n");
        await gateway.StartAsync(Yaml(upstream.Url));
        await AskAsync(gateway, "/first");
        await EvictAsync(gateway, "/first");
        await gateway.AdvanceAsync(TimeSpan.FromSeconds(100));
        var confirmed = await AskAsync(gateway, "/first");
        Assert.Contains("fwd-status=304", confirmed.Field("Cache-Status"));
        Assert.Equal(_body + "/first", confirmed.Text);
    }

    private string Yaml(string url)
    {
        string disk = $$"""{ path: "{{_folder.FullName}}" }""";
        return CacheYaml.To(url, "", $$"""cache: { memory: 1MiB, entry: 64KiB, compressFrom: 0, disk: {{disk}} }""");
    }

    private string Answer(RawResponse request) => ScriptedUpstream.Ok(
        "Cache-Control: max-age=60\r\nETag: \"a\"", _body + request.Head.Split(' ')[1]);

    /// <summary>Others come, until a response is no longer in memory; nor are its variants.</summary>
    private static async Task EvictAsync(TestGateway gateway, string path)
    {
        var disk = gateway.Snapshot.Cache!.Store.Disk!;
        long written = disk.Counts.WritesTotal;
        // More than memory has room for, one after the other so that none is dropped.
        for (int each = 0; each < 60; each++)
        {
            await AskAsync(gateway, $"{path}/filler{each}");
            await Eventually.HoldsAsync(() => disk.IsIdle, "everything written");
        }
        Assert.NotEqual(written, disk.Counts.WritesTotal);
        Assert.Equal(0, disk.Counts.DroppedTotal);
    }

    private static Task<RawResponse> AskAsync(TestGateway gateway, string path, string fields = "X: y") =>
        gateway.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n");
}
