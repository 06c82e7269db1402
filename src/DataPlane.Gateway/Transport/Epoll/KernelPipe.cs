using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>A pipe(7) that splice moves pages through; empty whenever it is not in use.</summary>
internal sealed unsafe class KernelPipe : IDisposable
{
    private KernelPipe(int readEnd, int writeEnd, int capacity)
    {
        ReadEnd = readEnd;
        WriteEnd = writeEnd;
        Capacity = capacity;
    }

    public int ReadEnd { get; }

    public int WriteEnd { get; }

    /// <summary>Bytes that may be asked of one fill; the kernel counts pages, so fewer may fit.</summary>
    public int Capacity { get; }

    /// <summary>Null when the process is out of descriptors.</summary>
    public static KernelPipe? TryCreate()
    {
        int* ends = stackalloc int[2];
        if (LibC.Pipe(ends, LibC.NonBlocking | LibC.CloseOnExec) < 0) return null;
        // Refused above fs.pipe-user-pages-soft: the default 64 KiB serve too, with more calls.
        int capacity = LibC.FileControl(ends[1], LibC.SetPipeSize, TransportLimits.PipeBytes);
        return new KernelPipe(ends[0], ends[1], capacity > 0 ? capacity : 64 * 1024);
    }

    public void Dispose()
    {
        LibC.Close(ReadEnd);
        LibC.Close(WriteEnd);
    }
}
