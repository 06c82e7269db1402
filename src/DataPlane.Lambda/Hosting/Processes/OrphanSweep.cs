using System.Globalization;
using System.Text;
using DataPlane.Lambda.Native;

namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>
/// Ends and reaps what outlived its parent in a function's environment. Such a process became a child of this one (a
/// subreaper). While it lives it shows the mark of its environment among its variables; once it has ended the kernel
/// shows none, only the session it was in. Keeper's thread.
/// </summary>
internal sealed class OrphanSweep
{
    /// <summary>Ending one orphan may make its children ours; deeper trees go with the next sweep.</summary>
    private const int Rounds = 16;

    /// <summary>Environments that are over and still looked for: stragglers may come.</summary>
    private const int Remembered = 64;

    private const string Prefix = "AWS_LAMBDA_LOG_STREAM_NAME=";

    private readonly List<(string Mark, int Session)> _over = [];
    private readonly int _ownSession = SessionOf(Environment.ProcessId, out _);
    private HashSet<int> _suspects = [];

    /// <summary>Ended processes wait for the next <see cref="Look"/>: there must be one even then.</summary>
    public bool HasSuspects => _suspects.Count > 0;

    /// <summary>Ends the orphans of an environment that is over.</summary>
    public void EndOf(ChildProcess ended, List<ChildProcess> living)
    {
        _over.Add((Prefix + ended.Mark, ended.Pid));
        if (_over.Count > Remembered) _over.RemoveAt(0);
        Look(living);
    }

    /// <summary>
    /// Ends orphans of environments that are over, and reaps those that have ended by themselves. A child of somebody
    /// else in this process is waited for by him, at once: what has ended in a session of its own and is still there
    /// at the second look is nobody's.
    /// </summary>
    public void Look(List<ChildProcess> living)
    {
        var suspects = new HashSet<int>();
        for (int round = 0; round < Rounds; round++)
        {
            bool found = false;
            foreach (int pid in Children())
            {
                if (living.Exists(child => child.Pid == pid)) continue;
                int session = SessionOf(pid, out char state);
                if (state is not ('Z' or 'X'))
                {
                    if (living.Exists(child => child.Pid == session) || !IsOver(pid, session)) continue;
                    LibC.Kill(pid, LibC.SignalKill);
                    LibC.WaitPid(pid, out _, options: 0);
                    found = true;
                }
                else if (session != _ownSession && session != 0)
                {
                    bool isOurs = _suspects.Contains(pid) || _over.Exists(each => each.Session == session)
                        || living.Exists(child => child.Pid == session);
                    if (isOurs) LibC.WaitPid(pid, out _, LibC.NoHang);
                    else suspects.Add(pid);
                }
            }
            if (!found) break;
        }
        _suspects = suspects;
    }

    private bool IsOver(int pid, int session)
    {
        if (_over.Count == 0) return false;
        if (_over.Exists(each => each.Session == session)) return true;
        string variables = TryRead($"/proc/{pid}/environ");
        return _over.Exists(each => variables.Contains(each.Mark, StringComparison.Ordinal));
    }

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

    /// <summary>As proc(5) has it behind the name, which is in parentheses; 0 when there is no such process.</summary>
    private static int SessionOf(int pid, out char state)
    {
        string stat = TryRead($"/proc/{pid}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        state = fields.Length > 3 ? fields[0][0] : 'X';
        return fields.Length > 3 ? int.Parse(fields[3], CultureInfo.InvariantCulture) : 0;
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
