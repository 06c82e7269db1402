using System.Globalization;
using DataPlane.Hosting;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Hosting;

public sealed class MappedFilesTests
{
    // The first is mapped for this process alone, as libraries are, the second as assemblies' data is.
    [LinuxTheory]
    [InlineData("/libclrjit.so", 'p')]
    [InlineData("/System.Private.CoreLib.dll", 's')]
    public void UnchangedPages_AreGivenBackAndComeAgain(string file, char sharing)
    {
        string text = Guid.NewGuid().ToString();
        var files = new MappedFiles();
        long before = ResidentOf(file, sharing);
        files.GiveBack();
        long after = ResidentOf(file, sharing);
        Assert.True(after < before, $"{before} KiB before, {after} KiB after");
        // Whatever was thrown out is there when it is needed.
        Assert.Equal(text, Guid.Parse(text).ToString());
        Assert.Equal([1, 2, 3], new[] { 3, 1, 2 }.Order());
    }

    /// <summary>KiB that mappings of the file, shared with others or not, have in memory.</summary>
    private static long ResidentOf(string file, char sharing)
    {
        long sum = 0;
        bool isCounted = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (char.IsAsciiHexDigitLower(line[0]))
                isCounted = line.EndsWith(file, StringComparison.Ordinal) && line.Split(' ')[1][3] == sharing;
            else if (isCounted && line.StartsWith("Rss:", StringComparison.Ordinal))
                sum += long.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture);
        }
        return sum;
    }
}
