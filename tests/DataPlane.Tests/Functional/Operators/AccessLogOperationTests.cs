using System.Diagnostics;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Recording;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>What happens to an access log at three in the morning, while requests go on.</summary>
public sealed class AccessLogOperationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("access-log-");

    public void Dispose() => _folder.Delete(recursive: true);

    [LinuxFact]
    public async Task RenamedAndSignalled_NoLineIsLost()
    {
        const int Rotations = 5;
        const int RequestsEach = 100;
        string log = Path.Combine(_folder.FullName, "access.log");
        await using (var gateway = await LoggedGateway.StartAsync($"{{ to: \"file:{log}\" }}"))
        {
            for (int rotation = 1; rotation <= Rotations; rotation++)
            {
                var asked = gateway.AskAsync(RequestsEach, first: rotation * RequestsEach);
                File.Move(log, $"{log}.{rotation}");
                await RunAsync("kill", "-USR1", $"{Environment.ProcessId}");
                await Eventually.HoldsAsync(() => File.Exists(log), "a new file under the old name");
                await asked;
            }
        }
        var paths = Directory.GetFiles(_folder.FullName).SelectMany(File.ReadAllLines)
            .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("path").GetString()!)
            .ToList();
        Assert.Equal(
            Enumerable.Range(RequestsEach, Rotations * RequestsEach).Select(number => $"/{number}")
                .Order(StringComparer.Ordinal),
            paths.Order(StringComparer.Ordinal));
        Assert.Equal(Rotations + 1, Directory.GetFiles(_folder.FullName).Length);
    }

    [LinuxFact]
    public async Task FullDisk_CostsLinesAndNoRequest()
    {
        await using var gateway = await LoggedGateway.StartAsync("{ to: \"file:/dev/full\" }");
        await gateway.AskAsync(200);
        await Eventually.HoldsAsync(
            async () => await gateway.LostAsync("disk_full") == 200, "200 lines counted as lost to a full disk");
        Assert.Equal(0, await gateway.ReadAsync("dataplane_access_log_lines_total"));
    }

    [LinuxFact]
    public async Task DiskWithSpaceAgain_IsWrittenAgain()
    {
        using var disk = SmallDisk.TryMount(kib: 64);
        if (disk is null)
        {
            Skipped.Say("DiskWithSpaceAgain needs the right to mount a tmpfs");
            return;
        }
        string ballast = Path.Combine(disk.Folder, "ballast");
        string log = Path.Combine(disk.Folder, "access.log");
        File.WriteAllBytes(ballast, new byte[48 * 1024]);
        await using (var gateway = await LoggedGateway.StartAsync($"{{ to: \"file:{log}\" }}"))
        {
            await gateway.AskAsync(300);
            long before = 0, lost = 0;
            // All of them: those that come later would fill the disk again.
            await Eventually.HoldsAsync(
                async () =>
                {
                    before = await gateway.ReadAsync("dataplane_access_log_lines_total");
                    lost = await gateway.LostAsync("disk_full");
                    return before + lost == 300;
                },
                "300 lines written or lost");
            Assert.NotEqual(0, lost);
            File.Delete(ballast);
            await gateway.AskAsync(20, first: 1000);
            await Eventually.HoldsAsync(
                async () => await gateway.ReadAsync("dataplane_access_log_lines_total") >= before + 20, "new lines");
        }
        Assert.All(File.ReadAllLines(log), line => System.Text.Json.JsonDocument.Parse(line).Dispose());
        Assert.Contains("\"/1019\"", File.ReadAllText(log), StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task PipeNobodyReads_CostsLinesAndNoRequest()
    {
        const int Requests = 3000;
        string pipe = Path.Combine(_folder.FullName, "pipe");
        await RunAsync("mkfifo", pipe);
        // Opening the pipe for writing waits for its reader, and the other way round.
        var opened = Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var gateway = await LoggedGateway.StartAsync($"{{ to: \"file:{pipe}\", query: true }}");
        await using var reader = await opened.WaitAsync(Eventually.Patience);
        await gateway.AskAsync(Requests);
        long lost = await gateway.LostAsync("ring_full");
        Assert.InRange(lost, 1, Requests - 1);
        // Who reads at last finds whole lines, one for each request that was not dropped.
        var read = Task.Run(() => new StreamReader(reader).ReadToEnd());
        await gateway.DisposeAsync();
        string[] lines = (await read.WaitAsync(Eventually.Patience)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Requests - lost, lines.Length);
        Assert.All(lines, line => System.Text.Json.JsonDocument.Parse(line).Dispose());
    }

    private static async Task RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
