using System.IO.Enumeration;

namespace DataPlane.Config;

/// <summary>
/// What the loader may see of the machine. <c>Variable</c> answers null when unset. <c>ReadFile</c> gets a path and the
/// most bytes wanted, returns at most one byte more (so that too large is seen without reading all of it), and throws
/// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
public sealed record ConfigEnvironment(Func<string, string?> Variable, Func<string, int, byte[]> ReadFile)
{
    /// <summary>
    /// The variable with the folder for what is to outlast the process: systemd sets it for <c>StateDirectory</c>.
    /// </summary>
    public const string StateVariable = "STATE_DIRECTORY";

    /// <summary>
    /// The paths of the files in a folder whose names fit a pattern with <c>*</c> and <c>?</c>, in any order; none when
    /// there is no such folder. Throws as <c>ReadFile</c> does.
    /// </summary>
    public Func<string, string, IReadOnlyList<string>> ListFiles { get; init; } = static (_, _) => [];

    /// <summary>Whether there is a file, followed through links; null when no machine is to be looked at.</summary>
    public Func<string, bool>? HasFile { get; init; }

    /// <summary>Whether there is a folder; null as for <see cref="HasFile"/>.</summary>
    public Func<string, bool>? HasFolder { get; init; }

    /// <summary>Called for each route that was looked at, by the thread that loads; may be null.</summary>
    public Action? Pace { get; init; }

    /// <summary>This process's variables and files.</summary>
    public static ConfigEnvironment Process { get; } = new(Environment.GetEnvironmentVariable, ReadFromDisk)
    {
        ListFiles = ListOnDisk,
        HasFile = File.Exists,
        HasFolder = Directory.Exists,
    };

    /// <summary>No variable is set and no file exists.</summary>
    public static ConfigEnvironment Empty { get; } =
        new(_ => null, (path, _) => throw new FileNotFoundException($"no file {path}"));

    private static string[] ListOnDisk(string folder, string pattern)
    {
        string at = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(at)) return [];
        // As in a shell, a star does not stand for the dot that hides a file: editors keep their copies there.
        return
        [
            .. Directory.EnumerateFiles(at)
                .Select(path => Path.GetFileName(path))
                .Where(name => name[0] != '.' || pattern[0] == '.')
                .Where(name => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
                .Select(name => Path.Combine(folder, name)),
        ];
    }

    private static byte[] ReadFromDisk(string path, int mostBytes)
    {
        // Opening one fails as if it were forbidden, which it need not be.
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder");
        using FileStream file = File.OpenRead(path);
        // Length says nothing about pipes and /proc, so the bound is on what is read.
        using var bytes = new MemoryStream();
        var chunk = new byte[64 * 1024];
        while (bytes.Length <= mostBytes)
        {
            int wanted = (int)Math.Min(chunk.Length, mostBytes + 1L - bytes.Length);
            int read = file.Read(chunk, 0, wanted);
            if (read == 0) break;
            bytes.Write(chunk, 0, read);
        }
        return bytes.ToArray();
    }
}
