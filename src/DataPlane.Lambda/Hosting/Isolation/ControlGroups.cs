using System.Globalization;

namespace DataPlane.Lambda.Hosting.Isolation;

/// <summary>
/// Where this process may make control groups: below its own, of version 2 where it has the controllers, else of
/// version 1. Source: cgroups(7). One thread.
/// </summary>
internal sealed class ControlGroups
{
    public const string Memory = "memory";
    public const string Processor = "cpu";
    public const string Processes = "pids";
    private const string Prefix = "dataplane-";

    private static readonly string[] s_controllers = [Memory, Processor, Processes];

    // Of all in this process: two of them must not share a group.
    private static int s_made;

    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);
    private readonly int _owner;

    /// <summary>Looks what there is, and makes it usable.</summary>
    /// <param name="mounts">Where the file systems of control groups are.</param>
    /// <param name="own">The lines of <c>/proc/self/cgroup</c>.</param>
    /// <param name="owner">The process that is moved out of the way, and names the groups.</param>
    public ControlGroups(string mounts, IEnumerable<string> own, int owner)
    {
        _owner = owner;
        foreach (string[] parts in own.Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3))
        {
            if (parts[1].Length == 0)
            {
                UseSecond(mounts, parts[2].TrimStart('/'));
                continue;
            }
            foreach (string name in parts[1].Split(',').Intersect(s_controllers, StringComparer.Ordinal))
            {
                string folder = Path.Combine(mounts, name, parts[2].TrimStart('/'));
                if (CanMakeIn(folder)) _folders.TryAdd(name, folder);
            }
        }
        foreach (string folder in _folders.Values.Distinct(StringComparer.Ordinal)) RemoveAbandoned(folder);
    }

    /// <summary>All groups are of version 2.</summary>
    public bool IsSecond { get; private set; }

    /// <summary>The controllers that cannot be used, for people; empty for none.</summary>
    public string Missing => string.Join(
        ", ", s_controllers.Where(name => !_folders.ContainsKey(name)));

    public bool Has(string controller) => _folders.ContainsKey(controller);

    public static ControlGroups OfThisProcess()
    {
        string[] own;
        try
        {
            own = File.ReadAllLines("/proc/self/cgroup");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            own = [];
        }
        return new ControlGroups("/sys/fs/cgroup", own, Environment.ProcessId);
    }

    /// <summary>A group with these bounds, as far as they can be had; null when there can be none.</summary>
    public ControlGroup? Create(ControlGroupBounds bounds)
    {
        int made = Interlocked.Increment(ref s_made);
        string name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{_owner}-{made}");
        var group = new ControlGroup(IsSecond);
        foreach (string parent in _folders.Values.Distinct(StringComparer.Ordinal))
        {
            string folder = Path.Combine(parent, name);
            try
            {
                Directory.CreateDirectory(folder);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                continue;
            }
            group.Use(folder);
        }
        if (group.IsEmpty) return null;
        foreach (var (file, text) in IsSecond ? OfSecond(bounds) : OfFirst(bounds)) group.Bound(file, text);
        return group;
    }

    private static IEnumerable<(string File, string Text)> OfSecond(ControlGroupBounds bounds)
    {
        if (bounds.MemoryBytes > 0)
        {
            yield return ("memory.max", Text(bounds.MemoryBytes));
            yield return ("memory.swap.max", "0");
            yield return ("memory.oom.group", "1");
        }
        if (bounds.Processors > 0) yield return ("cpu.max", $"{Text((long)(bounds.Processors * 100_000))} 100000");
        if (bounds.Processes > 0) yield return ("pids.max", Text(bounds.Processes));
    }

    private static IEnumerable<(string File, string Text)> OfFirst(ControlGroupBounds bounds)
    {
        if (bounds.MemoryBytes > 0)
        {
            yield return ("memory.limit_in_bytes", Text(bounds.MemoryBytes));
            yield return ("memory.memsw.limit_in_bytes", Text(bounds.MemoryBytes));
        }
        if (bounds.Processors > 0) yield return ("cpu.cfs_quota_us", Text((long)(bounds.Processors * 100_000)));
        if (bounds.Processes > 0) yield return ("pids.max", Text(bounds.Processes));
    }

    /// <summary>
    /// Groups below one's own need a group for oneself beside them: one with members has no bounded children.
    /// </summary>
    private void UseSecond(string mounts, string own)
    {
        string folder = new[] { mounts, Path.Combine(mounts, "unified") }
            .Select(mount => Path.Combine(mount, own)).FirstOrDefault(Directory.Exists) ?? mounts;
        try
        {
            string[] there = File.ReadAllText(Path.Combine(folder, "cgroup.controllers")).Split();
            if (s_controllers.Except(there, StringComparer.Ordinal).Any() || !CanMakeIn(folder)) return;
            string self = Path.Combine(folder, Prefix + "gateway");
            if (own.Length > 0)
            {
                Directory.CreateDirectory(self);
                File.WriteAllText(Path.Combine(self, "cgroup.procs"), Text(_owner));
            }
            File.WriteAllText(
                Path.Combine(folder, "cgroup.subtree_control"), "+" + string.Join(" +", s_controllers));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return;
        }
        IsSecond = true;
        foreach (string name in s_controllers) _folders[name] = folder;
    }

    private bool CanMakeIn(string folder)
    {
        // Another gateway may look at the same moment.
        int made = Interlocked.Increment(ref s_made);
        string probe = Path.Combine(
            folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}probe.{_owner}.{made}"));
        try
        {
            if (!Directory.Exists(folder)) return false;
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Groups of a gateway that was killed.</summary>
    private static void RemoveAbandoned(string folder)
    {
        foreach (string path in Directory.EnumerateDirectories(folder, Prefix + "*-*"))
        {
            string owner = Path.GetFileName(path).Split('-')[1];
            if (Directory.Exists("/proc/" + owner)) continue;
            ControlGroup.TryRemove(path);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
