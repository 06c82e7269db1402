using System.Globalization;
using System.Runtime.InteropServices;

namespace DataPlane.Hosting;

/// <summary>
/// Gives back pages of libraries and assemblies that are mapped and unchanged: a third of a small process, most of it
/// needed for the start alone. What is needed again comes from the system's cache of files, without reading a disk as a
/// rule. Linux; elsewhere nothing happens.
/// </summary>
internal static partial class MappedFiles
{
    private const int DoNotNeed = 4;
    private const string ChangedPages = "Anonymous:";
    private const string Deleted = "(deleted)";

    // " r-xp"
    private const int RightsLength = 5;

    /// <summary>
    /// Any thread; some milliseconds. A mapping that may be written, or of which a page has been, is left alone:
    /// what was written would be lost.
    /// </summary>
    public static void GiveBack()
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var (start, length) in Unchanged()) _ = Advise(start, length, DoNotNeed);
    }

    /// <summary>proc(5), smaps: a line tells extent, rights and file of a mapping, then lines what it holds.</summary>
    private static List<(nint Start, nint Length)> Unchanged()
    {
        var found = new List<(nint Start, nint Length)>();
        (nint Start, nint Length)? mapping = null;
        try
        {
            foreach (string line in File.ReadLines("/proc/self/smaps"))
            {
                if (char.IsAsciiHexDigitLower(line[0]))
                {
                    mapping = ReadOnlyFile(line);
                }
                else if (mapping is { } file && line.StartsWith(ChangedPages, StringComparison.Ordinal))
                {
                    if (line.AsSpan(ChangedPages.Length).Trim() is "0 kB") found.Add(file);
                    mapping = null;
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A system that does not tell keeps what it has.
        }
        return found;
    }

    /// <summary>The extent of a private mapping of a file that must not be written, or null.</summary>
    private static (nint Start, nint Length)? ReadOnlyFile(ReadOnlySpan<char> line)
    {
        // 7f2c4a000000-7f2c4a021000 r-xp 00000000 08:01 1234   /path
        var (dash, space, path) = (line.IndexOf('-'), line.IndexOf(' '), line.IndexOf('/'));
        bool isFile = dash > 0 && space > dash && path > space + RightsLength && !line.EndsWith(Deleted);
        if (!isFile || line[space + 2] != '-' || line[space + 4] != 'p') return null;
        nint start = nint.Parse(line[..dash], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        nint end = nint.Parse(line[(dash + 1)..space], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (start, end - start);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nint length, int advice);
}
