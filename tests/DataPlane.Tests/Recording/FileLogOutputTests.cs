using DataPlane.Gateway.Recording;
using DataPlane.Tests.Transport;

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
        using (var output = new FileLogOutput(Log)) output.Write("after\n"u8, out _);
        Assert.Equal("before\nafter\n", File.ReadAllText(Log));
    }

    [Fact]
    public void FileTruncatedMeanwhile_GoesOnAtItsStart()
    {
        using var output = new FileLogOutput(Log);
        output.Write("first\n"u8, out _);
        using (var other = new FileStream(Log, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.SetLength(0);
        }
        output.Write("second\n"u8, out _);
        Assert.Equal("second\n", ReadShared());
    }

    [Fact]
    public void FileMovedAway_ReopenMakesANewOne()
    {
        using var output = new FileLogOutput(Log);
        output.Write("first\n"u8, out _);
        File.Move(Log, Log + ".1");
        output.Write("still the old one\n"u8, out _);
        output.Reopen();
        output.Write("second\n"u8, out _);
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
        output.Write("kept\n"u8, out _);
        Assert.Equal("kept\n", File.ReadAllText(Log + ".1"));
    }

    [Fact]
    public void Device_IsWrittenTo()
    {
        if (!File.Exists("/dev/null"))
        {
            Skipped.Say("Device_IsWrittenTo needs /dev/null");
            return;
        }
        using var output = new FileLogOutput("/dev/null");
        output.Write("gone\n"u8, out _);
        output.Write("gone\n"u8, out _);
        Assert.Equal(0, new FileInfo("/dev/null").Length);
    }

    [LinuxFact]
    public void FullDevice_IsToldAsSuch()
    {
        using var output = new FileLogOutput("/dev/full");
        Assert.Equal(0, output.Write("one\ntwo\n"u8, out var loss));
        Assert.Equal(LogLoss.DiskFull, loss);
    }

    [LinuxFact]
    public void DiskFillsUp_KeepsWholeLinesAndGoesOnWhenThereIsSpace()
    {
        using var disk = SmallDisk.TryMount(kib: 64);
        if (disk is null)
        {
            Skipped.Say("DiskFillsUp needs the right to mount a tmpfs");
            return;
        }
        string ballast = Path.Combine(disk.Folder, "ballast");
        string log = Path.Combine(disk.Folder, "access.log");
        File.WriteAllBytes(ballast, new byte[40 * 1024]);
        byte[] lines = System.Text.Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Range(0, 1000).Select(number => $"line {number:D4} {new string('x', 40)}\n")));
        using var output = new FileLogOutput(log);
        int taken = output.Write(lines, out var loss);
        Assert.Equal(LogLoss.DiskFull, loss);
        Assert.InRange(taken, 100, 900);
        // What was cut off of a line leaves room for a short one or none: the disk stays full.
        taken += output.Write(lines, out loss);
        Assert.Equal(LogLoss.DiskFull, loss);
        File.Delete(ballast);
        Assert.Equal(1, output.Write("after\n"u8, out loss));
        Assert.Equal(LogLoss.None, loss);
        string[] kept = File.ReadAllLines(log);
        Assert.Equal(taken + 1, kept.Length);
        Assert.All(kept[..taken], line => Assert.Equal(50, line.Length));
        Assert.Equal("after", kept[^1]);
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
