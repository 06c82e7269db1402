using System.Runtime.InteropServices;
using DataPlane.Gateway.Recording;

namespace DataPlane.Hosting;

/// <summary>SIGUSR1: the access log's file was moved away, and is opened again under its name.</summary>
internal static class LogRotation
{
    // The raw numbers: the enumeration has no name for this signal.
    private const int Linux = 10;
    private const int Bsd = 30;

    /// <summary>Null where there is no such signal. Dispose to stop listening.</summary>
    public static IDisposable? On(AccessLog log)
    {
        if (OperatingSystem.IsWindows()) return null;
        var signal = (PosixSignal)(OperatingSystem.IsLinux() ? Linux : Bsd);
        return PosixSignalRegistration.Create(signal, context =>
        {
            // Its default action is to end the process.
            context.Cancel = true;
            log.Reopen();
        });
    }
}
