namespace DataPlane.Gateway.Transport.Native;

/// <summary>
/// How Linux gives the calling thread its turns on a processor: sched(7), sched_setattr(2). Where there is no such
/// call, or a sandbox forbids it, the schedule stays what it is.
/// </summary>
public static unsafe class ThreadSchedule
{
    private const uint NormalPolicy = 0;
    private const uint BatchPolicy = 3;

    // Who yields gives up the rest of its slice: after a long one it would wait long for a thread that never rests.
    private const ulong BatchSliceNs = 1_000_000;

    private static readonly nint s_set = LibC.NumberOf(x64: 314, arm64: 274);
    private static readonly nint s_get = LibC.NumberOf(x64: 315, arm64: 275);

    /// <summary>
    /// Fewer and longer turns: a thread that wakes up lets the running one finish instead of interrupting it, and finds
    /// more to do when it runs. Threads and processes that it starts inherit this. No effect on a thread that was given
    /// a policy of its own.
    /// </summary>
    public static void Batch()
    {
        if (!TryRead(thread: 0, out var schedule) || schedule.Policy != NormalPolicy) return;
        schedule.Policy = BatchPolicy;
        schedule.SliceNs = BatchSliceNs;
        LibC.SystemCall(s_set, 0, (nint)(&schedule), 0, 0, 0, 0);
    }

    /// <summary>What the process was started with, whichever thread started this one.</summary>
    public static void AsMainThread()
    {
        if (TryRead(Environment.ProcessId, out var schedule))
            LibC.SystemCall(s_set, 0, (nint)(&schedule), 0, 0, 0, 0);
    }

    private static bool TryRead(int thread, out Attributes schedule)
    {
        schedule = default;
        fixed (Attributes* attributes = &schedule)
            return LibC.SystemCall(s_get, thread, (nint)attributes, sizeof(Attributes), 0, 0, 0) == 0;
    }

    /// <summary>struct sched_attr, its first version; the kernel fills in the size.</summary>
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;

        /// <summary>The slice of a thread that is not real-time: from Linux 6.12, before without effect.</summary>
        public ulong SliceNs;
        public ulong DeadlineNs;
        public ulong PeriodNs;
    }
}
