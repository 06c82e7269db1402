using System.IO.Pipelines;

namespace DataPlane.Gateway.Connections.ProxyProtocol;

/// <summary>
/// Ends the reading of a header that takes too long. Either the header is complete or the time is up, never both: a
/// read cancelled late would be that of whoever reads next.
/// </summary>
internal sealed class HeaderPatience : IDisposable
{
    private readonly PipeReader _input;
    private readonly ITimer _timer;
    private int _hasEnded;

    public HeaderPatience(PipeReader input, TimeSpan patience, TimeProvider time)
    {
        _input = input;
        _timer = time.CreateTimer(
            static state => ((HeaderPatience)state!).GiveUp(), this, patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>False when the time was up first: the read has been cancelled, or will be.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _hasEnded, 1) == 0;

    public void Dispose() => _timer.Dispose();

    private void GiveUp()
    {
        if (TryEnd()) _input.CancelPendingRead();
    }
}
