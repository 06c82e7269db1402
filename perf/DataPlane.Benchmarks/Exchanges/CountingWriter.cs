using System.Buffers;
using System.IO.Pipelines;
using DataPlane.Benchmarks.Loops;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// The writing end of a connection without a socket: one buffer, as a loop's writer has one slab, whose flush counts
/// the
/// bytes and forgets them. A flush is done at once unless <see cref="IsSlow"/>. 0 bytes.
/// </summary>
internal sealed class CountingWriter : PipeWriter
{
    private readonly PulseSource<FlushResult> _flush = new();
    private byte[] _buffer = new byte[16 * 1024];
    private int _length;

    /// <summary>The peer takes nothing until <see cref="Drain"/>: a flush waits.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Bytes flushed or written so far.</summary>
    public long Sent { get; private set; }

    /// <summary>What would have been a system call each.</summary>
    public long Sends { get; private set; }

    /// <summary>Takes a copy of everything sent while it is set.</summary>
    public MemoryStream? Copy { get; set; }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _length;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_buffer.Length - _length < Math.Max(sizeHint, 1))
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + sizeHint));
        return _buffer.AsMemory(_length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => _length += bytes;

    /// <summary>Forgets what was written and not flushed.</summary>
    public void Discard() => _length = 0;

    public ReadOnlySpan<byte> Unflushed => _buffer.AsSpan(0, _length);

    /// <summary>As <see cref="DataPlane.Gateway.Transport.LoopConnection.SendNow"/>.</summary>
    public int SendNow(ReadOnlySpan<byte> bytes)
    {
        if (_length > 0 || IsSlow) return 0;
        Sent += bytes.Length;
        Sends++;
        Copy?.Write(bytes);
        return bytes.Length;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Send(default);

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) => Send(source);

    /// <summary>Lets a slow flush end; returns when all that follows from it is done.</summary>
    public void Drain()
    {
        if (!_flush.IsPending) throw new InvalidOperationException("nothing waits to be sent");
        _flush.Complete(default);
    }

    public override void CancelPendingFlush()
    {
        if (_flush.IsPending) _flush.Complete(new FlushResult(isCanceled: true, isCompleted: false));
    }

    public override void Complete(Exception? exception = null)
    {
    }

    private ValueTask<FlushResult> Send(ReadOnlyMemory<byte> behind)
    {
        Copy?.Write(Unflushed);
        Copy?.Write(behind.Span);
        Sent += _length + behind.Length;
        Sends++;
        _length = 0;
        return IsSlow ? _flush.WaitAsync() : new ValueTask<FlushResult>(default(FlushResult));
    }
}
