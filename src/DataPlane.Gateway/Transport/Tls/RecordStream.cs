using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// A connection's encrypted side as <see cref="System.Net.Security.SslStream"/> sees it. Reads hand out one TLS record
/// at a time and only whole ones, so that a read of the plaintext which finds a record here never waits inside the
/// <c>SslStream</c>: its waits allocate, the connection's own do not. The bytes of a record that is not whole stay with
/// the connection.
/// </summary>
internal sealed class RecordStream(LoopConnection connection) : Stream
{
    /// <summary>Type, version and length (RFC 8446, 5.1).</summary>
    private const int HeaderBytes = 5;

    /// <summary>Ciphertext of one record at most (RFC 5246, 6.2.3); a longer one is no TLS.</summary>
    private const int MostRecordBytes = HeaderBytes + 16384 + 2048;

    private readonly PipeReader _input = connection.Transport.Input;
    private readonly PipeWriter _output = connection.Transport.Output;
    private ReadOnlySequence<byte> _held;

    /// <summary>What is left of a record that was larger than the last reader's buffer.</summary>
    private int _recordLeft;
    private bool _holds;
    private bool _ended;

    /// <summary>
    /// The owner reads by <see cref="TryHold"/> and <see cref="Release"/> and flushes what is written: on the loop,
    /// after the handshake. Else each write is flushed.
    /// </summary>
    public bool IsOwned { get; set; }

    /// <summary>The last thing that was read is the end of the input.</summary>
    public bool HasEnded => _ended;

    /// <summary>A record was handed out.</summary>
    public bool HasRead { get; private set; }

    /// <summary>Bytes held of the connection's input.</summary>
    public int HeldBytes => (int)Math.Min(_held.Length, int.MaxValue);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Bytes that can be handed out at once: the record at the front of what is held, 0 while it is not whole.
    /// </summary>
    public int RecordBytes
    {
        get
        {
            if (_recordLeft > 0) return _recordLeft;
            long held = _held.Length;
            if (held < HeaderBytes) return _ended ? (int)held : 0;
            int length = LengthOf(_held);
            // Whatever this is, the SslStream will refuse it.
            if (length == 0) return (int)Math.Min(held, MostRecordBytes);
            if (length <= held) return length;
            return _ended ? (int)held : 0;
        }
    }

    /// <summary>
    /// Takes a read of the connection; true when it holds a whole record, or the end, until <see cref="Release"/>. When
    /// false the bytes are back with the connection, which waits for more.
    /// </summary>
    public bool TryHold(in ReadResult result)
    {
        _held = result.Buffer;
        _holds = true;
        _ended = result.IsCompleted;
        if (_ended || RecordBytes > 0) return true;
        Release();
        return false;
    }

    /// <summary>Gives back what was not handed out.</summary>
    public void Release()
    {
        if (!_holds) return;
        _holds = false;
        // A part of a record is not enough: the next read waits for more than that.
        var examined = RecordBytes > 0 ? _held.Start : _held.End;
        _input.AdvanceTo(_held.Start, examined);
        _held = default;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_holds && (_ended || RecordBytes > 0)) return new ValueTask<int>(Take(buffer));
        Release();
        var read = _input.ReadAsync(cancellationToken);
        if (!read.IsCompletedSuccessfully) return WaitAsync(read, buffer, cancellationToken);
        return TryHold(read.Result)
            ? new ValueTask<int>(Take(buffer))
            : WaitAsync(_input.ReadAsync(cancellationToken), buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsOwned) return Discard(_output.WriteAsync(buffer, cancellationToken));
        Write(buffer.Span);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Into the connection's buffer only: an alert before the connection closes, which sends it.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(_output.GetSpan(buffer.Length));
        _output.Advance(buffer.Length);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>0 when these bytes are not the front of a record.</summary>
    private static int LengthOf(in ReadOnlySequence<byte> bytes)
    {
        const byte changeCipherSpec = 20;
        const byte heartbeat = 24;
        Span<byte> copy = stackalloc byte[HeaderBytes];
        scoped ReadOnlySpan<byte> header = bytes.FirstSpan;
        if (header.Length < HeaderBytes)
        {
            bytes.Slice(0, HeaderBytes).CopyTo(copy);
            header = copy;
        }
        int length = HeaderBytes + (header[3] << 8 | header[4]);
        bool isRecord = header[0] is >= changeCipherSpec and <= heartbeat && header[1] == 3;
        return isRecord && length <= MostRecordBytes ? length : 0;
    }

    private static ValueTask Discard(ValueTask<FlushResult> flush)
    {
        if (!flush.IsCompletedSuccessfully) return DiscardAsync(flush);
        _ = flush.Result;
        return default;
    }

    // Its continuation must stay on the thread that completes it, as SslStream's own do: no Task underneath.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask DiscardAsync(ValueTask<FlushResult> flush) => await flush.ConfigureAwait(false);

    // Likewise. Rare on the loop after the handshake: only for records without data, such as session tickets.
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(
        ValueTask<ReadResult> read, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryHold(await read.ConfigureAwait(false))) return Take(buffer);
            read = _input.ReadAsync(cancellationToken);
        }
    }

    private int Take(Memory<byte> buffer)
    {
        // An empty buffer asks whether there is something: the next call follows at once.
        if (buffer.IsEmpty) return 0;
        int record = RecordBytes;
        if (_recordLeft == 0 && _held.Length >= HeaderBytes) HasRead |= LengthOf(_held) > 0;
        int count = Math.Min(record, buffer.Length);
        _held.Slice(0, count).CopyTo(buffer.Span);
        _held = _held.Slice(count);
        _recordLeft = record - count;
        if (!IsOwned) Release();
        return count;
    }
}
