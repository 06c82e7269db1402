namespace DataPlane.Gateway.Recording;

/// <summary>Standard output, or any other stream; disposed with the log.</summary>
public sealed class StreamLogOutput(Stream stream) : ILogOutput
{
    public void Write(ReadOnlySpan<byte> lines)
    {
        stream.Write(lines);
        stream.Flush();
    }

    public void Reopen()
    {
        // A stream has no name to open it by again.
    }

    public void Dispose() => stream.Dispose();
}
