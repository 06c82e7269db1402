using System.Globalization;
using DataPlane.Lambda.Hosting.Isolation;

namespace DataPlane.Tests.Lambda.Isolation;

/// <summary>Control groups of both versions, on folders that look like theirs.</summary>
public sealed class ControlGroupsTests : IDisposable
{
    private static readonly ControlGroupBounds s_bounds = new(1 << 27, 0.5, 64);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("dataplane-groups-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void SecondVersion_IsBoundedBelowItsOwnGroup()
    {
        string own = Make("system.slice/gateway.service");
        File.WriteAllText(Path.Combine(own, "cgroup.controllers"), "cpuset cpu io memory pids\n");
        var groups = new ControlGroups(_root.FullName, ["0::/system.slice/gateway.service"], owner: 77);
        Assert.Equal((true, ""), (groups.IsSecond, groups.Missing));
        // A group with members has no bounded children: the gateway goes first.
        Assert.Equal("77", Text(own, "dataplane-gateway/cgroup.procs"));
        Assert.Equal("+memory +cpu +pids", Text(own, "cgroup.subtree_control"));
        var group = groups.Create(s_bounds)!;
        string folder = Assert.Single(group.Folders);
        Assert.StartsWith(Path.Combine(own, "dataplane-77-"), folder, StringComparison.Ordinal);
        Assert.Equal(("134217728", "0", "1"),
            (Text(folder, "memory.max"), Text(folder, "memory.swap.max"), Text(folder, "memory.oom.group")));
        Assert.Equal(("50000 100000", "64"), (Text(folder, "cpu.max"), Text(folder, "pids.max")));
        group.Add(78);
        Assert.Equal("78", Text(folder, "cgroup.procs"));
        group.Kill();
        Assert.Equal("1", Text(folder, "cgroup.kill"));
    }

    [Fact]
    public void SecondVersionWithoutControllers_IsNotUsed()
    {
        File.WriteAllText(Path.Combine(Make("unified"), "cgroup.controllers"), "hugetlb\n");
        var groups = new ControlGroups(_root.FullName, ["0::/"], owner: 77);
        Assert.Equal((false, "memory, cpu, pids"), (groups.IsSecond, groups.Missing));
        Assert.Null(groups.Create(s_bounds));
    }

    [Fact]
    public void FirstVersion_IsBoundedInEachController()
    {
        string memory = Make("memory/box"), cpu = Make("cpu");
        var groups = new ControlGroups(_root.FullName, ["4:memory:/box", "1:cpu,cpuacct:/", "8:pids:/"], owner: 77);
        Assert.Equal((false, "pids"), (groups.IsSecond, groups.Missing));
        var group = groups.Create(s_bounds)!;
        group.Add(78);
        Assert.Equal([memory, cpu], group.Folders.Select(Path.GetDirectoryName));
        Assert.Equal("134217728", Text(group.Folders[0], "memory.limit_in_bytes"));
        Assert.Equal("50000", Text(group.Folders[1], "cpu.cfs_quota_us"));
        Assert.All(group.Folders, folder => Assert.Equal("78", Text(folder, "cgroup.procs")));
    }

    [Fact]
    public void GroupsOfAGatewayThatIsGone_AreRemoved()
    {
        string gone = Make("memory/dataplane-999999999-3");
        string own = Make(string.Create(
            CultureInfo.InvariantCulture, $"memory/dataplane-{Environment.ProcessId}-3"));
        _ = new ControlGroups(_root.FullName, ["4:memory:/"], owner: 77);
        Assert.False(Directory.Exists(gone));
        Assert.True(Directory.Exists(own));
    }

    private string Make(string path) => Directory.CreateDirectory(Path.Combine(_root.FullName, path)).FullName;

    private static string Text(string folder, string file) => File.ReadAllText(Path.Combine(folder, file));
}
