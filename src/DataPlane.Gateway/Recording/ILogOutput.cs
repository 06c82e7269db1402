namespace DataPlane.Gateway.Recording;

/// <summary>
/// Where log lines end up. Called by the log's writer thread only, which can wait. What an output expects to go wrong
/// it answers with; what it does not, it throws.
/// </summary>
public interface ILogOutput : IDisposable
{
    /// <summary>
    /// Takes whole lines, each with its line feed. How many of them are in the log for good;
    /// <paramref name="loss"/> says why the others are not.
    /// </summary>
    int Write(ReadOnlySpan<byte> lines, out LogLoss loss);

    /// <summary>Opens the same place again, after something moved the file away.</summary>
    void Reopen();
}
