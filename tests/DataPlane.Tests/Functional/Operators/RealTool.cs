using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>A program of the system that tests run the gateway against; ended with its test.</summary>
internal sealed class RealTool : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private RealTool(Process process) => _process = process;

    /// <summary>What it wrote to both outputs so far.</summary>
    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    public static RealTool Start(string command, string package, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Fail($"{command} is missing: apt-get install {package} (tests/run does it).");
        }
        var tool = new RealTool(process!);
        process!.OutputDataReceived += tool.Keep;
        process.ErrorDataReceived += tool.Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return tool;
    }

    /// <summary>Runs it to its end and gives what it wrote to stdout and stderr.</summary>
    public static async Task<(int ExitCode, string Said)> RunAsync(
        string command, string package, params IEnumerable<string> arguments)
    {
        await using var tool = Start(command, package, arguments);
        await tool._process.WaitForExitAsync().WaitAsync(3 * Eventually.Patience);
        return (tool._process.ExitCode, tool.Said);
    }

    /// <summary>
    /// The first Python that has the module: the one of the PATH may be another than Debian's, which
    /// <c>apt-get install python3-NAME</c> is for. Null when none has it.
    /// </summary>
    public static async Task<string?> PythonWithAsync(string module)
    {
        foreach (string python in (string[])["python3", "/usr/bin/python3"])
        {
            if (python[0] == '/' && !File.Exists(python)) continue;
            if ((await RunAsync(python, "python3", "-c", $"import {module}")).ExitCode == 0) return python;
        }
        return null;
    }

    public static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_said) _said.AppendLine(line.Data);
    }
}
