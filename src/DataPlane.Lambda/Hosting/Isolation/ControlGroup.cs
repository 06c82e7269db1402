using System.Globalization;
using DataPlane.Lambda.Native;

namespace DataPlane.Lambda.Hosting.Isolation;

/// <summary>The control group of one environment; several folders with version 1. Keeper's thread.</summary>
internal sealed class ControlGroup(bool isSecond)
{
    private const int KillRounds = 8;

    private readonly List<string> _folders = [];

    public bool IsEmpty => _folders.Count == 0;

    public IReadOnlyList<string> Folders => _folders;

    public void Use(string folder) => _folders.Add(folder);

    /// <summary>Writes a bound where there is such a file.</summary>
    public void Bound(string file, string text)
    {
        foreach (string folder in _folders) TryWrite(Path.Combine(folder, file), text);
    }

    /// <summary>The process, and what it starts from now on.</summary>
    public void Add(int pid)
    {
        string text = pid.ToString(CultureInfo.InvariantCulture);
        foreach (string folder in _folders) TryWrite(Path.Combine(folder, "cgroup.procs"), text);
    }

    /// <summary>Kills all there are, however they hide.</summary>
    public void Kill()
    {
        if (isSecond && TryWrite(Path.Combine(_folders[0], "cgroup.kill"), "1")) return;
        for (int round = 0; round < KillRounds; round++)
        {
            string members = TryRead(Path.Combine(_folders[0], "cgroup.procs"));
            if (members.Length == 0) return;
            foreach (string member in members.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                LibC.Kill(int.Parse(member, CultureInfo.InvariantCulture), LibC.SignalKill);
        }
    }

    /// <summary>False while the kernel has not let its last process go.</summary>
    public bool TryRemove()
    {
        bool areGone = true;
        foreach (string folder in _folders) areGone &= TryRemove(folder);
        return areGone;
    }

    public static bool TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool TryWrite(string file, string text)
    {
        try
        {
            // Where there is no such file the kernel lets nobody make one.
            File.WriteAllText(file, text);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
