using System.Buffers.Text;
using DataPlane.Lambda.Native;

namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>How busy the machine's processors are. Sampled by one thread, read by any; 0 bytes.</summary>
internal sealed unsafe class MachineLoad
{
    private const int IdleField = 3;
    private const int WaitField = 4;
    private const int Fields = 8;

    private long _idle;
    private long _all;
    private volatile int _busyPercent;

    /// <summary>Of all their time since the sample before the last; 0 where the kernel does not tell.</summary>
    public int BusyPercent => _busyPercent;

    /// <summary>A few times a second.</summary>
    public void Sample()
    {
        byte* text = stackalloc byte[256];
        nint read;
        fixed (byte* path = "/proc/stat\0"u8)
        {
            int fd = LibC.Open(path, LibC.CloseOnExec);
            if (fd < 0) return;
            read = LibC.Read(fd, text, 256);
            LibC.Close(fd);
        }
        if (read > 0) Take(new ReadOnlySpan<byte>(text, (int)read));
    }

    /// <summary>The first line of <c>/proc/stat</c>: "cpu" and ticks of user, nice, system, idle, iowait ...</summary>
    internal void Take(ReadOnlySpan<byte> line)
    {
        long idle = 0;
        long all = 0;
        line = line[Math.Min(line.Length, 3)..];
        for (int field = 0; field < Fields; field++)
        {
            line = line.TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(line, out long ticks, out int used)) break;
            line = line[used..];
            all += ticks;
            if (field is IdleField or WaitField) idle += ticks;
        }
        long passed = all - _all;
        if (passed <= 0) return;
        int percent = (int)(100 - 100 * (idle - _idle) / passed);
        _busyPercent = _all == 0 ? 0 : (_busyPercent + percent) / 2;
        (_idle, _all) = (idle, all);
    }
}
