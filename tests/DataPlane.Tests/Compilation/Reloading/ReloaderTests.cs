using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.InMemory;
using DataPlane.Tests.Functional.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Tests.Compilation.Reloading;

/// <summary>Files on a real disk, looked at on a clock of the test's.</summary>
public sealed class ReloaderTests : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("reload-").FullName;
    private readonly VirtualTime _time = new();
    private readonly LoopSet _loops;
    private SnapshotStore _store = null!;
    private Reloader _reloader = null!;
    private LastGood? _lastGood;
    private ConfigSource _source = null!;

    public ReloaderTests() => _loops = new LoopSet(1, static _ => new PortableEngine(), _time);

    private string Main => Path.Combine(_folder, "gateway.yaml");

    private string RouteIds => string.Join(',', _store.Current.RouteList.Select(route => route.Id));

    public void Dispose()
    {
        _reloader?.Dispose();
        _loops.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ChangedFile_IsTaken_OnceItShowsTwiceTheSame()
    {
        Start("a");
        Write(Main, Routes("b"));
        _time.Advance(s_look);
        Assert.Equal("a", RouteIds);
        _time.Advance(s_look);
        await TakenAsync("b");
        Assert.Equal(ReloadTrigger.FileChange, _reloader.Last!.Trigger);
    }

    [Fact]
    public async Task FileStillBeingWritten_IsLeftAlone()
    {
        Start("a");
        for (int piece = 0; piece < 5; piece++)
        {
            Write(Main, Routes("b") + new string('\n', piece));
            _time.Advance(s_look);
            Assert.Null(_reloader.Last);
        }
        _time.Advance(s_look);
        await TakenAsync("b");
        Assert.Equal(1, _reloader.Applied);
    }

    [Fact]
    public async Task FileReplacedByRenaming_IsTaken()
    {
        Start("a");
        string fresh = Path.Combine(_folder, "fresh");
        Write(fresh, Routes("b"));
        File.Move(fresh, Main, overwrite: true);
        await LookAsync();
        await TakenAsync("b");
    }

    [Fact]
    public async Task FolderBehindALinkSwapped_IsTaken()
    {
        // As the kubelet does it: gateway.yaml -> ..data/gateway.yaml, ..data -> ..one, then a new link over ..data.
        foreach (string each in new[] { "one", "two" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, ".." + each));
            string file = Path.Combine(_folder, ".." + each, "gateway.yaml");
            File.WriteAllText(file, Routes(each));
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        }
        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..one");
        File.CreateSymbolicLink(Main, "..data/gateway.yaml");
        Start();
        Directory.Delete(Path.Combine(_folder, "..data"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..two");
        await LookAsync();
        await TakenAsync("two");
    }

    [Fact]
    public async Task IncludedFileThatAppears_AndASecretThatChanges_AreTaken()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "conf.d"));
        string secret = Path.Combine(_folder, "token");
        Write(secret, "one\n");
        Write(Main, "include: conf.d/*.yaml\nadmin: { token: \"${file:token}\" }\n" + Routes("a"));
        Start();
        Write(Path.Combine(_folder, "conf.d", "b.yaml"), Routes("b"));
        await LookAsync();
        await TakenAsync("a,b");
        Write(secret, "another\n");
        await LookAsync();
        await Eventually.HoldsAsync(() => _store.Current.Settings.Admin.Token == "another", "the new token");
        Write(Path.Combine(_folder, "conf.d", "b.yaml"), Routes("c"));
        await LookAsync();
        await TakenAsync("a,c");
    }

    [Fact]
    public async Task BrokenFile_KeepsTheOldOneServing_UntilItIsMended()
    {
        Start("a");
        Write(Main, "routse: []\nlimits: { idleTimeout: x }");
        await LookAsync();
        await Eventually.HoldsAsync(() => _reloader.Refused == 1, "the refusal");
        await Eventually.HoldsAsync(() => _reloader.Last is not null, "the report");
        Assert.Equal("a", RouteIds);
        Assert.False(_reloader.LastSucceeded);
        Assert.Equal(2, _reloader.Last!.Errors.Count);
        await LookAsync();
        Assert.Equal(1, _reloader.Refused);
        Write(Main, Routes("b"));
        await LookAsync();
        await TakenAsync("b");
        Assert.True(_reloader.LastSucceeded);
    }

    [Fact]
    public async Task FileThatVanishes_IsRefused()
    {
        Start("a");
        File.Delete(Main);
        await LookAsync();
        await Eventually.HoldsAsync(() => _reloader.Refused == 1, "the refusal");
        Assert.Equal("a", RouteIds);
    }

    [Fact]
    public async Task WhatNeedsARestart_IsRefusedWithItsPlace()
    {
        Start("a");
        Write(Main, "transport: { loops: 3 }\nadmin: { address: 127.0.0.1:9999 }\n" + Routes("b"));
        var report = await _reloader.ReloadAsync(ReloadTrigger.Signal);
        Assert.Equal(ReloadStatus.Refused, report.Status);
        Assert.Equal(
            [
                $"{Main}:1:1: transport: cannot change while the gateway runs; "
                    + "restart the gateway, or write what it was",
                $"{Main}:2:10: admin.address: cannot change while the gateway runs; "
                    + "restart the gateway, or write what it was",
            ],
            report.Errors.Select(error => error.ToString()));
    }

    [Fact]
    public async Task WhatNeedsARestart_IsToldWithAllOtherErrors()
    {
        Start("a");
        Write(Main, "transport: { loops: 3 }\nadmin: { addres: x }\nlisteners: [ x ]\nroutes: [ {} ]\n");
        var report = await _reloader.ReloadAsync(ReloadTrigger.Signal);
        string[] paths = [.. report.Errors.Select(error => error.Path)];
        Assert.Contains("transport", paths);
        Assert.Contains("routes[0].match", paths);
        Assert.Contains("listeners[0]", paths);
        // What is wrong in there already is not told twice.
        Assert.DoesNotContain("listeners", paths);
        Assert.DoesNotContain("admin.address", paths);
    }

    [Fact]
    public async Task Put_ForAnotherVersion_IsStale()
    {
        Start("a");
        string version = _reloader.Generations.Version;
        Assert.Equal(ReloadStatus.Applied, (await PutAsync(Routes("b"), version)).Status);
        Assert.Equal(ReloadStatus.Stale, (await PutAsync(Routes("c"), version)).Status);
        Assert.Equal("b", RouteIds);
        Assert.True(_reloader.DiffersFromFile);
        Assert.True(_reloader.LastSucceeded);
        await _reloader.ReloadAsync(ReloadTrigger.Signal);
        Assert.Equal("a", RouteIds);
        Assert.False(_reloader.DiffersFromFile);
    }

    [Fact]
    public async Task Put_OfMaskedSecrets_IsRefused()
    {
        Start("a");
        var report = await PutAsync("admin: { token: \"***\" }", _reloader.Generations.Version);
        Assert.Equal("admin.token", Assert.Single(report.Errors).Path);
    }

    [Fact]
    public async Task Put_IsReadInTheFolderOfTheFile_WithTheOverrides()
    {
        Write(Path.Combine(_folder, "part.yaml"), Routes("part"));
        Start("a");
        await PutAsync("include: part.yaml", _reloader.Generations.Version);
        Assert.Equal("part", RouteIds);
        Assert.Equal(77, _store.Current.Settings.Limits.Connections);
    }

    [Fact]
    public async Task LastGood_IsWrittenUnexpanded_AndReadBackWithItsIncludes()
    {
        _lastGood = new LastGood(Path.Combine(_folder, "state"));
        Write(Path.Combine(_folder, "token"), "s3cret");
        Write(Path.Combine(_folder, "part.yaml"), Routes("part"));
        Write(Main, "include: \"p*.yaml\"\nadmin: { token: \"${file:token}\" }");
        Start();
        string kept = await File.ReadAllTextAsync(_lastGood.Path);
        Assert.DoesNotContain("s3cret", kept);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_lastGood.Path));
        Write(Main, "broken: [");
        File.Delete(Path.Combine(_folder, "part.yaml"));
        var load = _source.Load(_lastGood.Read(out _)!);
        Assert.Empty(load.Result.Errors);
        Assert.Equal("s3cret", load.Result.Config!.Admin.Token);
        Assert.Equal("part", load.Result.Config.Routes[0].Id);
    }

    [Fact]
    public async Task LastGood_FollowsWhatServes_NotWhatIsRefused()
    {
        _lastGood = new LastGood(Path.Combine(_folder, "state"));
        Start("a");
        await PutAsync(Routes("b"), _reloader.Generations.Version);
        await PutAsync("routse: []", _reloader.Generations.Version);
        Assert.Contains("id: b", Assert.Single(_lastGood.Read(out _)!).Text);
        await PutAsync("rollout: { interval: 10s }\n" + Routes("c"), _reloader.Generations.Version);
        Assert.Contains("id: b", Assert.Single(_lastGood.Read(out _)!).Text);
        for (int step = 0; step < 3; step++) _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("id: c", Assert.Single(_lastGood.Read(out _)!).Text);
    }

    [Fact]
    public void LastGoodThatIsNoJson_IsAProblemAndNotAnException()
    {
        var lastGood = new LastGood(_folder);
        Assert.Null(lastGood.Read(out string missing));
        Assert.Contains("cannot be read", missing);
        Write(lastGood.Path, "{ \"Version\": 7 }");
        Assert.Null(lastGood.Read(out string other));
        Assert.Contains("was not written by this version", other);
    }

    [Fact]
    public async Task Generations_AreListedNewestFirst_AndBounded()
    {
        Start("a");
        for (int each = 0; each < 60; each++) await PutAsync(Routes($"r{each}"), _reloader.Generations.Version);
        var all = _reloader.Generations.All;
        Assert.Equal(Gateway.Limits.Generations, all.Count);
        Assert.Equal(61, all[0].Number);
        Assert.Equal(GenerationState.InForce, all[0].State);
        Assert.All(all.Skip(1), each => Assert.Equal(GenerationState.Superseded, each.State));
    }

    [Fact]
    public async Task TenThousandRoutes_AreTaken()
    {
        const int count = 10_000;
        Start("a");
        var yaml = new StringBuilder("upstreams: { u: { endpoints: [ \"http://127.0.0.1:1\" ] } }\nroutes:\n");
        for (int each = 0; each < count; each++)
        {
            yaml.AppendLine($"  - id: r{each}");
            yaml.AppendLine($"    match: {{ hosts: [h{each % 50}.example.com], path: \"/s{each}/v1/{{id}}\" }}");
            yaml.AppendLine("    to: { upstream: u, rewrite: \"/v2/{id}\" }");
        }
        var report = await PutAsync(yaml.ToString(), _reloader.Generations.Version);
        Assert.Equal(ReloadStatus.Applied, report.Status);
        Assert.Equal(count, _store.Current.RouteList.Length);
        // perf/records has the figures; this bound is for machines that do other things as well.
        Assert.InRange(report.Duration, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static string Routes(string id) =>
        $"routes: [ {{ id: {id}, match: {{ path: /{id} }}, to: {{ mock: {{}} }} }} ]\n";

    private static void Write(string path, string text)
    {
        File.WriteAllText(path, text);
        // The clock of a file system may be too coarse to tell two writes of one test apart.
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddSeconds(Interlocked.Increment(ref s_writes)));
    }

    private static int s_writes;

    private void Start(string route)
    {
        Write(Main, Routes(route));
        Start();
    }

    private void Start()
    {
        _source = ConfigSource.OfFile(
            Main, new Dictionary<string, string> { ["limits.connections"] = "77" }, ConfigEnvironment.Process);
        var first = _source.Load();
        Assert.Empty(first.Result.Errors);
        var compiler = new SnapshotCompiler(
            SnapshotCompiler.BuiltInIntegrations, SnapshotCompiler.BuiltInPolicies, new InMemoryConnector(), _loops,
            _time);
        _store = new SnapshotStore(compiler.Compile(first.Result.Config!, first.EffectiveJson));
        var generations = new Generations(compiler, _store, 1, _time, NullLogger.Instance);
        _reloader = new Reloader(_source, first, generations, _lastGood, _time, NullLogger.Instance);
        _reloader.KeepFirst(first);
        _reloader.Watch(first);
    }

    private Task<ReloadReport> PutAsync(string yaml, string version) =>
        _reloader.PutAsync(Encoding.UTF8.GetBytes(yaml), current => current == version);

    /// <summary>Two looks: what has changed is seen, and seen to be whole.</summary>
    private Task LookAsync()
    {
        _time.Advance(s_look);
        _time.Advance(s_look);
        return Task.CompletedTask;
    }

    private Task TakenAsync(string ids) => Eventually.HoldsAsync(
        () => RouteIds == ids && _reloader.Last?.Status == ReloadStatus.Applied, $"the routes {ids}");
}
