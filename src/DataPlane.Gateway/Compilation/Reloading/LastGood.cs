using System.Runtime.InteropServices;
using System.Text.Json;
using DataPlane.Config;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// The last configuration that served everyone, on disk, as it was written: variables and secret files are named in it,
/// not filled in. Written to a new file, synced, and renamed over the old one, readable by its owner only.
/// </summary>
public sealed partial class LastGood(string folder)
{
    private const string Name = "last-good.json";
    private const int FormatVersion = 1;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true };

    private readonly Lock _lock = new();

    public string Path { get; } = System.IO.Path.Combine(folder, Name);

    /// <summary>Failure to keep is logged: a full disk must not stop a reload. Any thread.</summary>
    public void Keep(IReadOnlyList<SourceFile> sources, ILogger logger)
    {
        try
        {
            lock (_lock) Write(JsonSerializer.SerializeToUtf8Bytes(new Content(FormatVersion, sources), s_readable));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            ReloadLog.NotKept(logger, folder, failure.Message);
        }
    }

    /// <summary>The files kept, the outermost first; null when there is nothing usable, with the reason.</summary>
    public IReadOnlyList<SourceFile>? Read(out string problem)
    {
        problem = "";
        try
        {
            var content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(Path));
            if (content is { Version: FormatVersion, Files.Count: > 0 }) return content.Files;
            problem = $"{Path} was not written by this version";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            problem = $"{Path} cannot be read: {failure.Message}";
        }
        return null;
    }

    private void Write(byte[] bytes)
    {
        Directory.CreateDirectory(folder);
        string fresh = Path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(fresh, options))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, Path, overwrite: true);
        if (OperatingSystem.IsLinux()) SyncFolder(folder);
    }

    // The rename itself is on disk only when its folder is; .NET opens no folders.
    private static void SyncFolder(string folder)
    {
        int descriptor = Open(folder, 0);
        if (descriptor < 0) throw new IOException($"cannot open {folder}: error {Marshal.GetLastPInvokeError()}");
        int result = Sync(descriptor);
        Close(descriptor);
        if (result < 0) throw new IOException($"cannot sync {folder}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    private sealed record Content(int Version, IReadOnlyList<SourceFile> Files);
}
