using System.Globalization;
using System.Text;
using DataPlane.Lambda.Native;

namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>
/// Ends what left its function's session and outlived it. Such a process became a child of this one (a subreaper), and
/// still has the mark of its environment among its variables. Keeper's thread.
/// </summary>
internal sealed class OrphanSweep
{
    /// <summary>Ending one orphan may make its children ours; deeper trees go with the next sweep.</summary>
    private const int Rounds = 16;

    private readonly List<string> _marks = [];

    /// <summary>Ends the orphans of an environment that is over, and of those before.</summary>
    public void Sweep(List<ChildProcess> living, string mark)
    {
        _marks.Add(Prefix + mark);
        // An environment whose orphans all ended needs no further look; those few kept catch stragglers.
        if (_marks.Count > Rounds) _marks.RemoveAt(0);
        Sweep(living);
    }

    public void Sweep(List<ChildProcess> living)
    {
        for (int round = 0; round < Rounds; round++)
        {
            bool found = false;
            foreach (int pid in Children())
            {
                if (living.Exists(child => child.Pid == pid) || !HasMark(pid)) continue;
                found = true;
                LibC.Kill(pid, LibC.SignalKill);
                LibC.WaitPid(pid, out _, options: 0);
            }
            if (!found) return;
        }
    }

    private const string Prefix = "AWS_LAMBDA_LOG_STREAM_NAME=";

    private static IEnumerable<int> Children()
    {
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            foreach (string word in TryRead(Path.Combine(task, "children")).Split(' '))
            {
                if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) yield return pid;
            }
        }
    }

    private bool HasMark(int pid)
    {
        string variables = TryRead($"/proc/{pid}/environ");
        return _marks.Exists(mark => variables.Contains(mark, StringComparison.Ordinal));
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.Latin1);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
