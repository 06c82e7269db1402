using DataPlane.Gateway.Recording;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>Counts log bytes and drops them: the disk is not measured, the writer's thread is.</summary>
internal sealed class SinkingLogOutput : ILogOutput
{
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    public int Write(ReadOnlySpan<byte> lines, out LogLoss loss)
    {
        loss = LogLoss.None;
        Volatile.Write(ref _bytes, _bytes + lines.Length);
        return lines.Count((byte)'\n');
    }

    public void Reopen()
    {
    }

    public void Dispose()
    {
    }
}
