using System.Net.Sockets;

namespace DataPlane.Gateway.Recording;

/// <summary>From what went wrong to the reason that is counted.</summary>
internal static class LogLosses
{
    // errno of Linux and the BSDs, which IOException carries as it is; and Windows' ERROR_DISK_FULL.
    private const int FileTooLarge = 27;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public static byte[] LabelOf(LogLoss loss) => MetricLabel.Render("reason", NameOf(loss));

    public static string NameOf(LogLoss loss) => loss switch
    {
        LogLoss.RingFull => "ring_full",
        LogLoss.DiskFull => "disk_full",
        LogLoss.SinkFull => "sink_full",
        LogLoss.Unreachable => "unreachable",
        _ => "write_error",
    };

    public static LogLoss Of(Exception error) => error.HResult switch
    {
        FileTooLarge or NoSpace or QuotaExceeded or WindowsDiskFull => LogLoss.DiskFull,
        _ => LogLoss.WriteError,
    };

    public static LogLoss Of(SocketError error) => error switch
    {
        SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable or SocketError.TimedOut => LogLoss.SinkFull,
        SocketError.MessageSize => LogLoss.WriteError,
        _ => LogLoss.Unreachable,
    };

    public static bool IsOutputError(Exception error) =>
        error is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException;
}
