using System.Buffers;
using System.IO.Pipelines;
using DataPlane.Benchmarks.Loops;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// The reading end of a connection without a socket: lends the arrays it is given, as a loop lends its receive buffer.
/// One array at a time; what is left of it when the next one comes is a defect of the benchmark. 0 bytes.
/// </summary>
internal sealed class LentReader : PipeReader
{
    private readonly PulseSource<ReadResult> _read = new();
    private byte[] _bytes = [];
    private int _start;
    private int _end;
    private int _examined;
    private bool _cancelled;

    /// <summary>Somebody waits for bytes.</summary>
    public bool IsAwaited => _read.IsPending;

    /// <summary>Hands the bytes to whoever waits; returns when all that follows from them is done.</summary>
    public void Receive(byte[] bytes)
    {
        if (!IsAwaited || _start != _end) throw new InvalidOperationException("nobody waits for these bytes");
        _bytes = bytes;
        _start = _examined = 0;
        _end = bytes.Length;
        _read.Complete(Result());
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        _examined < _end || _cancelled ? new ValueTask<ReadResult>(Result()) : _read.WaitAsync();

    public override bool TryRead(out ReadResult result)
    {
        var hasMore = _examined < _end || _cancelled;
        result = hasMore ? Result() : default;
        return hasMore;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        // Positions of an empty sequence have no array behind them.
        if (consumed.GetObject() is null) return;
        _start = consumed.GetInteger();
        _examined = examined.GetInteger();
    }

    public override void CancelPendingRead()
    {
        _cancelled = true;
        if (IsAwaited) _read.Complete(Result());
    }

    public override void Complete(Exception? exception = null)
    {
    }

    private ReadResult Result()
    {
        var isCancelled = _cancelled;
        _cancelled = false;
        var bytes = _start == _end ? default : new ReadOnlySequence<byte>(_bytes, _start, _end - _start);
        return new ReadResult(bytes, isCancelled, isCompleted: false);
    }
}
