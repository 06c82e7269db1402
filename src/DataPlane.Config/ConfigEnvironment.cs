namespace DataPlane.Config;

/// <summary>
/// What the loader may see of the machine. <c>Variable</c> answers null when unset. <c>ReadFile</c> gets a path and the
/// most bytes wanted, returns at most one byte more (so that too large is seen without reading all of it), and throws
/// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
public sealed record ConfigEnvironment(Func<string, string?> Variable, Func<string, int, byte[]> ReadFile)
{
    /// <summary>This process's variables and files.</summary>
    public static ConfigEnvironment Process { get; } = new(Environment.GetEnvironmentVariable, ReadFromDisk);

    /// <summary>No variable is set and no file exists.</summary>
    public static ConfigEnvironment Empty { get; } =
        new(_ => null, (path, _) => throw new FileNotFoundException($"no file {path}"));

    private static byte[] ReadFromDisk(string path, int mostBytes)
    {
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
