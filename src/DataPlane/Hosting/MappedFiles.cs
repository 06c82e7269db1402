using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace DataPlane.Hosting;

/// <summary>
/// Gives back pages of libraries and assemblies that are mapped and unchanged: a third of a small process, most of it
/// needed for the start alone. What is needed again comes from the system's cache of files, without reading a disk as a
/// rule. Linux; elsewhere nothing happens. One thread at a time.
/// </summary>
internal sealed partial class MappedFiles
{
    private const int DoNotNeed = 4;

    // " r-xp", from the blank behind the extent.
    private const int WriteRight = 2;
    private const int RightsLength = 5;

    private readonly HashSet<Extent> _old = [];

    private readonly record struct Extent(nint Start, nint End);

    /// <summary>
    /// Remembers what is mapped. Only that is ever given back: a library that is just being loaded changes the rights
    /// of its pages while it writes them.
    /// </summary>
    public MappedFiles()
    {
        using var lines = ProcLines.Open("/proc/self/maps");
        while (lines.TryRead(out var line))
        {
            if (ReadOnlyFile(line) is { } extent) _old.Add(extent);
        }
    }

    /// <summary>
    /// Some milliseconds. A mapping that may be written, or of which a page has been, is left alone: what was written
    /// would be lost.
    /// </summary>
    public void GiveBack()
    {
        // proc(5), smaps: a line tells extent, rights and file of a mapping, then lines what it holds.
        using var lines = ProcLines.Open("/proc/self/smaps");
        Extent? mapping = null;
        while (lines.TryRead(out var line))
        {
            if (ReadOnlyFile(line) is { } extent && _old.Contains(extent)) mapping = extent;
            if (mapping is not { } file || !line.StartsWith("Anonymous: "u8)) continue;
            if (line.EndsWith(" 0 kB"u8)) _ = Advise(file.Start, file.End - file.Start, DoNotNeed);
            mapping = null;
        }
    }

    /// <summary>
    /// The extent of a mapping of a file that must not be written; null when the line tells none.
    /// </summary>
    private static Extent? ReadOnlyFile(ReadOnlySpan<byte> line)
    {
        // 7f2c4a000000-7f2c4a021000 r-xp 00000000 08:01 1234   /path
        var (dash, space, path) = (line.IndexOf((byte)'-'), line.IndexOf((byte)' '), line.IndexOf((byte)'/'));
        bool isFile = dash > 0 && space > dash && path > space + RightsLength && !line.EndsWith(" (deleted)"u8);
        if (!isFile || line[space + WriteRight] != '-') return null;
        bool isExtent = Utf8Parser.TryParse(line[..dash], out long start, out _, 'x')
            & Utf8Parser.TryParse(line[(dash + 1)..space], out long end, out _, 'x');
        return isExtent ? new Extent((nint)start, (nint)end) : null;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nint length, int advice);
}
