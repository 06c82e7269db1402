using System.Globalization;
using DataPlane.Hosting;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Hosting;

public sealed class MappedFilesTests
{
    [LinuxFact]
    public void UnchangedPages_AreGivenBackAndComeAgain()
    {
        string text = Guid.NewGuid().ToString();
        var files = new MappedFiles();
        long before = ResidentOfCompiler();
        files.GiveBack();
        long after = ResidentOfCompiler();
        Assert.True(after < before, $"{before} KiB before, {after} KiB after");
        // Whatever was thrown out is there when it is needed.
        Assert.Equal(text, Guid.Parse(text).ToString());
        Assert.Equal([1, 2, 3], new[] { 3, 1, 2 }.Order());
    }

    /// <summary>KiB that the compiler has in memory.</summary>
    private static long ResidentOfCompiler()
    {
        long sum = 0;
        bool isCounted = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (char.IsAsciiHexDigitLower(line[0]))
                isCounted = line.EndsWith("/libclrjit.so", StringComparison.Ordinal);
            else if (isCounted && line.StartsWith("Rss:", StringComparison.Ordinal))
                sum += long.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture);
        }
        return sum;
    }
}
