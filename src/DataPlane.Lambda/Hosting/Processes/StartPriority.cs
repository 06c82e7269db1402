using System.Globalization;
using System.Text;
using DataPlane.Lambda.Native;

namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>
/// Lets a process that starts leave the processors to those that run, where that can be undone: a session is scheduled
/// as one group or, in a service's control group, each thread by its nice value. Any thread.
/// </summary>
internal static unsafe class StartPriority
{
    private const int Level = 5;
    private const int OfProcess = 0;
    private const int OfGroup = 1;

    /// <summary>CAP_SYS_NICE to undo it; without CAP_SYS_ADMIN the kernel takes few changes a second.</summary>
    private const ulong Needed = (1UL << 23) | (1UL << 21);

    private static readonly Lazy<bool> s_isPermitted = new(
        () => File.Exists("/proc/self/status") && IsPermitted(File.ReadAllText("/proc/self/status")));

    private static readonly Lazy<int> s_own = new(() => LibC.Priority(OfProcess, 0));

    /// <summary>Before the process has threads. False: it starts like any other.</summary>
    public static bool TryLower(int pid)
    {
        if (!s_isPermitted.Value) return false;
        Set(OfProcess, pid, Level);
        return true;
    }

    /// <summary>Of a process that leads its group, and of all of that.</summary>
    public static void Restore(int pid) => Set(OfGroup, pid, 0);

    internal static bool IsPermitted(string status)
    {
        const string Field = "CapEff:";
        int at = status.IndexOf(Field, StringComparison.Ordinal);
        if (at < 0) return false;
        var rest = status.AsSpan(at + Field.Length);
        int end = rest.IndexOf('\n');
        var digits = (end < 0 ? rest : rest[..end]).Trim();
        return ulong.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong all)
            && (all & Needed) == Needed;
    }

    private static void Set(int which, int pid, int level)
    {
        LibC.SetPriority(which, pid, Math.Clamp(s_own.Value + level, -20, 19));
        byte[] path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/autogroup\0"));
        byte text = (byte)('0' + level);
        fixed (byte* name = path)
        {
            int fd = LibC.Open(name, LibC.CloseOnExec | LibC.WriteOnly);
            if (fd < 0) return;
            LibC.Write(fd, &text, 1);
            LibC.Close(fd);
        }
    }
}
