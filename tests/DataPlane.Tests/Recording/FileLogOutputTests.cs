using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public sealed class FileLogOutputTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("access-log-");

    private string Log => Path.Combine(_folder.FullName, "access.log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void FileWithLines_IsAppendedTo()
    {
        File.WriteAllText(Log, "before\n");
        using (var output = new FileLogOutput(Log)) output.Write("after\n"u8);
        Assert.Equal("before\nafter\n", File.ReadAllText(Log));
    }

    [Fact]
    public void FileTruncatedMeanwhile_GoesOnAtItsStart()
    {
        using var output = new FileLogOutput(Log);
        output.Write("first\n"u8);
        using (var other = new FileStream(Log, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.SetLength(0);
        }
        output.Write("second\n"u8);
        Assert.Equal("second\n", ReadShared());
    }

    [Fact]
    public void FileMovedAway_ReopenMakesANewOne()
    {
        using var output = new FileLogOutput(Log);
        output.Write("first\n"u8);
        File.Move(Log, Log + ".1");
        output.Write("still the old one\n"u8);
        output.Reopen();
        output.Write("second\n"u8);
        Assert.Equal("first\nstill the old one\n", File.ReadAllText(Log + ".1"));
        Assert.Equal("second\n", ReadShared());
    }

    [Fact]
    public void ReopenFails_OldFileStaysInUse()
    {
        using var output = new FileLogOutput(Log);
        File.Move(Log, Log + ".1");
        Directory.CreateDirectory(Log);
        Assert.ThrowsAny<Exception>(output.Reopen);
        output.Write("kept\n"u8);
        Assert.Equal("kept\n", File.ReadAllText(Log + ".1"));
    }

    [Fact]
    public void Device_IsWrittenTo()
    {
        if (!File.Exists("/dev/null"))
        {
            Console.WriteLine("skipped: Device_IsWrittenTo needs /dev/null");
            return;
        }
        using var output = new FileLogOutput("/dev/null");
        output.Write("gone\n"u8);
        output.Write("gone\n"u8);
        Assert.Equal(0, new FileInfo("/dev/null").Length);
    }

    [Fact]
    public void FolderMissing_IsKnownAtStart() =>
        Assert.Throws<DirectoryNotFoundException>(() => new FileLogOutput(Path.Combine(_folder.FullName, "no", "log")));

    private string ReadShared()
    {
        using var file = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
