using System.Diagnostics;
using System.IO.Pipes;
using DataPlane.Gateway.Transport.Handover;
using DataPlane.Gateway.Transport.Native;

namespace DataPlane.Hosting;

/// <summary>
/// Starts the program once more, as it is on disk now, with this process's listening sockets, and waits until it
/// serves. Until then nothing changes here; both accept, then only the successor does.
/// </summary>
internal sealed class Successor(ListeningSockets sockets)
{
    /// <summary>Descriptor through which a successor says that it serves.</summary>
    public const string ReadyVariable = "DATAPLANE_READY_FD";

    /// <summary>A start waits for names to be resolved, and compiles.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // Read while the file is still the one that runs.
    private readonly string? _program = Environment.ProcessPath;
    private readonly string[] _arguments = Environment.GetCommandLineArgs();

    /// <summary>The process that serves, or null and why there is none.</summary>
    public async Task<(int? Id, string Problem)> StartAsync()
    {
        using var ready = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        Process process;
        try
        {
            process = Start(ready.GetClientHandleAsString());
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return (null, failure.Message);
        }
        ready.DisposeLocalCopyOfClientHandle();
        byte[] word = new byte[1];
        var read = ready.ReadAsync(word).AsTask();
        bool isInTime = await Task.WhenAny(read, Task.Delay(s_patience)) == read;
        if (isInTime && await read == 1) return (process.Id, "");
        string problem = isInTime
            ? "it ended before it served"
            : $"it does not serve after {s_patience.TotalSeconds} s";
        if (!process.HasExited) process.Kill();
        return (null, problem);
    }

    /// <summary>In the successor: says that it serves. Without a predecessor nothing happens.</summary>
    public static void TellReady()
    {
        if (Environment.GetEnvironmentVariable(ReadyVariable) is not { } handle) return;
        Environment.SetEnvironmentVariable(ReadyVariable, value: null);
        using var ready = new AnonymousPipeClientStream(PipeDirection.Out, handle);
        ready.WriteByte((byte)'r');
    }

    private Process Start(string readyHandle)
    {
        // Without a launcher of its own the program is an argument of the runtime's.
        bool isRuntime = Path.GetFileNameWithoutExtension(_program) == "dotnet";
        var start = new ProcessStartInfo(_program!, isRuntime ? _arguments : _arguments[1..])
        {
            UseShellExecute = false,
        };
        var open = sockets.Open;
        start.Environment[ListeningSockets.Variable] = string.Join(',', open);
        start.Environment[ReadyVariable] = readyHandle;
        foreach (int descriptor in open) InheritedDescriptor.Set(descriptor, isInherited: true);
        // This thread's schedule becomes the successor's, and threads of the pool may have a loop's.
        ThreadSchedule.AsMainThread();
        try
        {
            return Process.Start(start)!;
        }
        finally
        {
            foreach (int descriptor in open) InheritedDescriptor.Set(descriptor, isInherited: false);
        }
    }
}
