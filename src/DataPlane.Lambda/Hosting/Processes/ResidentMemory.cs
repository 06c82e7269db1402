using System.Buffers.Text;
using DataPlane.Lambda.Native;

namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>Reads what a process has resident. 0 bytes allocated.</summary>
internal static unsafe class ResidentMemory
{
    private static readonly long s_pageBytes = Environment.SystemPageSize;

    /// <summary>Bytes; 0 when the process is gone. The path is <c>/proc/PID/statm</c> with a final zero.</summary>
    public static long Read(byte[] path)
    {
        fixed (byte* name = path)
        {
            int fd = LibC.Open(name, LibC.CloseOnExec);
            if (fd < 0) return 0;
            byte* text = stackalloc byte[128];
            nint read = LibC.Read(fd, text, 128);
            LibC.Close(fd);
            if (read <= 0) return 0;
            var line = new ReadOnlySpan<byte>(text, (int)read);
            var second = line[(line.IndexOf((byte)' ') + 1)..];
            return Utf8Parser.TryParse(second, out long pages, out _) ? pages * s_pageBytes : 0;
        }
    }
}
