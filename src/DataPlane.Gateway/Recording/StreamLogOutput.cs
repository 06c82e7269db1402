namespace DataPlane.Gateway.Recording;

/// <summary>Standard output, or any other stream; disposed with the log.</summary>
public sealed class StreamLogOutput(Stream stream) : ILogOutput
{
    public int Write(ReadOnlySpan<byte> lines, out LogLoss loss)
    {
        loss = LogLoss.None;
        stream.Write(lines);
        stream.Flush();
        return lines.Count((byte)'\n');
    }

    public void Reopen()
    {
        // A stream has no name to open it by again.
    }

    public void Dispose() => stream.Dispose();
}
