using System.Diagnostics;

namespace DataPlane.Tests.Recording;

/// <summary>A tmpfs of a few kilobytes, to be filled up.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Null where this user may not mount.</summary>
    public static SmallDisk? TryMount(int kib)
    {
        string folder = Directory.CreateTempSubdirectory("small-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={kib}k", "none", folder)) return new SmallDisk(folder);
        Directory.Delete(folder);
        return null;
    }

    public void Dispose()
    {
        Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(command, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
