using System.Runtime.InteropServices;

namespace DataPlane.Hosting;

/// <summary>
/// What signals do to the process. The second one that asks for the end gets it at once, with the exit code a shell
/// knows for it: 128 and the signal's number.
/// </summary>
internal sealed class ProcessSignals : IDisposable
{
    /// <summary>SIGUSR1 of Linux and macOS has no name in <see cref="PosixSignal"/>.</summary>
    private static readonly PosixSignal s_user = (PosixSignal)(OperatingSystem.IsMacOS() ? 30 : 10);

    /// <summary>SIGUSR2, as <see cref="s_user"/>.</summary>
    private static readonly PosixSignal s_secondUser = (PosixSignal)(OperatingSystem.IsMacOS() ? 31 : 12);

    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action<bool> _stop;
    private int _stopping;

    /// <summary><paramref name="stop"/> is told whether somebody waits at a terminal (SIGINT).</summary>
    public ProcessSignals(Action<bool> stop, Action reload, Action reopen, Action upgrade)
    {
        _stop = stop;
        On(PosixSignal.SIGTERM, () => Stop(isHurried: false, number: 15));
        On(PosixSignal.SIGINT, () => Stop(isHurried: true, number: 2));
        if (OperatingSystem.IsWindows()) return;
        On(PosixSignal.SIGHUP, reload);
        On(s_user, reopen);
        On(s_secondUser, upgrade);
    }

    public void Dispose()
    {
        foreach (var each in _registrations) each.Dispose();
    }

    private void On(PosixSignal signal, Action act) => _registrations.Add(PosixSignalRegistration.Create(
        signal,
        context =>
        {
            context.Cancel = true;
            act();
        }));

    private void Stop(bool isHurried, int number)
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0) Environment.Exit(128 + number);
        _stop(isHurried);
    }
}
