namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>How a process ended. <c>Problem</c> says why it never started, or is null.</summary>
internal readonly record struct ProcessEnd(int ExitStatus, int Signal, string? Problem)
{
    private static readonly Dictionary<int, string> s_signals = new()
    {
        [4] = "illegal instruction",
        [6] = "aborted",
        [7] = "bus error",
        [8] = "floating point exception",
        [9] = "killed",
        [11] = "segmentation fault",
        [15] = "terminated",
    };

    /// <summary>From the status word of wait(2).</summary>
    public static ProcessEnd Of(int status) => (status & 0x7f) == 0
        ? new ProcessEnd((status >> 8) & 0xff, 0, null)
        : new ProcessEnd(0, status & 0x7f, null);

    /// <summary>In the words Lambda puts behind "Runtime exited".</summary>
    public string Reason
    {
        get
        {
            if (Problem is not null) return $"with error: {Problem}";
            if (Signal != 0) return $"with error: signal: {s_signals.GetValueOrDefault(Signal, $"{Signal}")}";
            return ExitStatus == 0 ? "without providing a reason" : $"with error: exit status {ExitStatus}";
        }
    }
}
