using DataPlane.Lambda.Native;

namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>Reads how much of the processors a process has used. 0 bytes allocated.</summary>
internal static unsafe class ProcessorTime
{
    /// <summary>Milliseconds of all its threads, ended ones too; 0 when the process is gone.</summary>
    public static long ReadMs(int pid)
    {
        // Each process has a clock whose number is made of its own, as clock_getcpuclockid makes it.
        long* time = stackalloc long[2];
        return LibC.ReadClock((~pid << 3) | 2, time) == 0 ? time[0] * 1000 + time[1] / 1_000_000 : 0;
    }
}
