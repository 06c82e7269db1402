using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Hosting;

/// <summary>The gateway as a process of its own: what signals and exit codes are about.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    // Not the runtime's own wait, which lasts until a successor has closed the outputs as well.
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _exited.TrySetResult();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    /// <summary>
    /// Runs <c>dataplane</c>, from a shell that has done <paramref name="before"/>, by <paramref name="launcher"/> if
    /// there is one.
    /// </summary>
    public static GatewayProcess Start(string arguments, string before = "true", string launcher = "")
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "dataplane.dll");
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", $"{before} && exec {launcher} dotnet '{assembly}' {arguments}" },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new GatewayProcess(new Process { StartInfo = start });
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public Task SaysAsync(string text) => Eventually.HoldsAsync(
        async () => Said.Contains(text, StringComparison.Ordinal) || await HasEndedSayingAsync(text),
        $"'{text}' in: {Said}");

    public Task SignalAsync(string name) => SignalAsync(Id, name);

    /// <summary>Until SIGUSR1, which the runtime itself leaves alone, is handled.</summary>
    public Task ObeysSignalsAsync() => Eventually.HoldsAsync(
        async () =>
        {
            const string Caught = "SigCgt:\t";
            string status = await File.ReadAllTextAsync($"/proc/{Id}/status");
            int at = status.IndexOf(Caught, StringComparison.Ordinal) + Caught.Length;
            return (Convert.ToUInt64(status.Substring(at, 16), 16) & (1 << 9)) != 0;
        },
        "signals to be handled");

    /// <summary>To a process this one has started.</summary>
    public static async Task SignalAsync(int id, string name)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {id}"]);
        await kill.WaitForExitAsync();
    }

    public static bool IsAlive(int id)
    {
        try
        {
            // Z: it has ended, and its parent has not looked yet.
            return ProcStat.Field(id, ProcStat.State) is not ("Z" or "X");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static void Kill(int id)
    {
        if (!IsAlive(id)) return;
        using var process = Process.GetProcessById(id);
        process.Kill();
    }

    public async Task<int> ExitAsync()
    {
        await _exited.Task.WaitAsync(Eventually.Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _exited.Task;
        _process.Dispose();
    }

    private async Task<bool> HasEndedSayingAsync(string text)
    {
        if (!_process.HasExited) return false;
        // Its last lines may still be on their way: this waits for the end of its output, with a time it would not.
        await _process.WaitForExitAsync().WaitAsync(Eventually.Patience);
        return Said.Contains(text, StringComparison.Ordinal)
            ? true
            : throw new InvalidOperationException($"It ended without '{text}': {Said}");
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_said) _said.AppendLine(line);
    }
}
