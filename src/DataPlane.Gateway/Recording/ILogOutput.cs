namespace DataPlane.Gateway.Recording;

/// <summary>
/// Where log lines end up. Called by the log's writer thread only; may block and throw: that thread can wait.
/// </summary>
public interface ILogOutput : IDisposable
{
    void Write(ReadOnlySpan<byte> lines);

    /// <summary>Opens the same place again, after something moved the file away.</summary>
    void Reopen();
}
