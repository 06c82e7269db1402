using System.Runtime.InteropServices;
using DataPlane.Config;

namespace DataPlane.Gateway.Transport;

/// <summary>
/// The process's limit of open files against what the configuration may need. Too low a limit shows as connections that
/// are not accepted, at the worst of times; so it is raised, and what cannot be raised is said at the start. Linux.
/// </summary>
public static partial class OpenFileLimit
{
    private const int ResourceOpenFiles = 7;

    /// <summary>
    /// Listeners, logs, event loops, splice pipes, the runtime's own: asked for, but no reason for a warning, since the
    /// rest is already what the busiest moment needs.
    /// </summary>
    private const long OwnFiles = 256;

    /// <summary>Null when there is room; else what is missing, and what to do.</summary>
    public static string? Raise(GatewayConfig config)
    {
        if (!OperatingSystem.IsLinux() || GetLimit(ResourceOpenFiles, out var limit) != 0) return null;
        long needed = NeededBy(config);
        ulong wanted = (ulong)(needed + OwnFiles);
        if (limit.Soft < wanted && limit.Soft < limit.Hard)
        {
            var raised = new Limit { Soft = Math.Min(wanted, limit.Hard), Hard = limit.Hard };
            if (SetLimit(ResourceOpenFiles, raised) == 0) limit = raised;
        }
        return Describe(config, needed, (long)Math.Min(limit.Soft, long.MaxValue));
    }

    internal static long NeededBy(GatewayConfig config)
    {
        // An upstream connection serves one client at a time; those that idle come on top, up to what pools keep.
        long upstream = config.Upstreams.Sum(each => (long)each.Connections.Max * each.Endpoints.Length);
        return config.Limits.Connections + Math.Min(config.Limits.Connections, upstream);
    }

    internal static string? Describe(GatewayConfig config, long needed, long limit) => limit >= needed
        ? null
        : $"limits.connections is {config.Limits.Connections}, which with upstream connections may need {needed} open "
            + $"files, but the limit is {limit}; raise it (systemd: LimitNOFILE={needed}, shell: ulimit -n {needed}) "
            + "or lower limits.connections";

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
