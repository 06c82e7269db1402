using System.Collections.Concurrent;
using System.Diagnostics;
using DataPlane.Config;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// Where the programs of runtimes are. Version managers put scripts on the path that look a version up, at the cost of
/// tens of milliseconds each time: Python is asked once where it really is. Any thread; the first question waits.
/// </summary>
internal static class RuntimePrograms
{
    private const int AskMs = 5000;

    private static readonly ConcurrentDictionary<string, string> s_known = new(StringComparer.Ordinal);

    /// <summary>Null when this machine has none.</summary>
    public static string? Find(FunctionConfig function)
    {
        if (FunctionRuntimes.FindProgram(function, ConfigEnvironment.Process) is not { } found) return null;
        return function.Runtime == FunctionRuntime.Python && function.Command.IsEmpty
            ? s_known.GetOrAdd(found, Ask)
            : found;
    }

    private static string Ask(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import sys;print(sys.executable)"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            string said = process.StandardOutput.ReadToEnd().Trim();
            return process.WaitForExit(AskMs) && File.Exists(said) ? said : python;
        }
        catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return python;
        }
    }
}
