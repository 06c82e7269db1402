using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// Takes the plaintext of a TLS connection on its loop. A flush encrypts what was gathered, into the buffer of the
/// connection below, and flushes that: the wait is the connection's own. Loop thread only.
/// </summary>
internal sealed class TlsPipeWriter(TlsConnection connection, PipeWriter inner, SslStream tls) : PipeWriter
{
    private byte[]? _slab;
    private int _end;
    private bool _completed;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _end;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _slab.AsMemory(_end);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _slab.AsSpan(_end);
    }

    public override void Advance(int bytes)
    {
        int free = _slab is null ? 0 : _slab.Length - _end;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)free, nameof(bytes));
        _end += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        TryEncryptSlab() ? inner.FlushAsync(cancellationToken) : Gone();

    /// <summary>See <see cref="LoopConnection.FlushSoonAsync"/>.</summary>
    public ValueTask<FlushResult> FlushSoonAsync() => TryEncryptSlab() ? connection.Inner.FlushSoonAsync() : Gone();

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (source.Length <= TransportLimits.CopiedWriteBytes)
        {
            Reserve(source.Length);
            source.CopyTo(_slab.AsMemory(_end));
            _end += source.Length;
            return FlushAsync(cancellationToken);
        }
        if (!TryEncryptSlab()) return Gone();
        int piece = Math.Min(source.Length, TransportLimits.EncryptedBytes);
        if (!TryEncrypt(source[..piece])) return Gone();
        var flush = inner.FlushAsync(cancellationToken);
        return piece == source.Length ? flush : WriteRestAsync(flush, source[piece..], cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    /// <summary>Sends what was advanced over, close_notify and FIN; with an exception resets the connection.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_completed) return;
        if (exception is not null) connection.Reset();
        if (!connection.IsClosed && TryEncryptSlab()) connection.SayGoodbye();
        _completed = true;
        DropSlab();
        inner.Complete(exception);
    }

    /// <summary>Into the connection's buffer; false when there is nobody to encrypt for.</summary>
    public bool TryEncryptSlab()
    {
        if (_end == 0) return !connection.IsOutputGone;
        bool isEncrypted = TryEncrypt(_slab.AsMemory(0, _end));
        DropSlab();
        return isEncrypted;
    }

    /// <summary>What is gathered will not be sent.</summary>
    public void DropSlab()
    {
        if (_slab is null) return;
        connection.Loop.Slabs.Return(_slab);
        _slab = null;
        _end = 0;
    }

    private bool TryEncrypt(ReadOnlyMemory<byte> plaintext)
    {
        if (connection.IsOutputGone) return false;
        try
        {
            // The stream below only gathers: this is done when it returns.
            tls.WriteAsync(plaintext).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException)
        {
            connection.OnBroken();
            return false;
        }
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> WriteRestAsync(
        ValueTask<FlushResult> flush, ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await flush;
            if (rest.IsEmpty || result.IsCompleted || result.IsCanceled) return result;
            int piece = Math.Min(rest.Length, TransportLimits.EncryptedBytes);
            if (!TryEncrypt(rest[..piece])) return new FlushResult(isCanceled: false, isCompleted: true);
            rest = rest[piece..];
            flush = inner.FlushAsync(cancellationToken);
        }
    }

    // Contiguous, and grown by doubling: replies to pipelined requests gather here.
    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_completed) throw new InvalidOperationException("Written after completion.");
        int needed = Math.Max(sizeHint, 1);
        if (_slab is null)
        {
            _slab = connection.Loop.Slabs.Rent(Math.Max(needed, TransportLimits.FirstWriteBytes));
        }
        else if (_slab.Length - _end < needed)
        {
            byte[] larger = connection.Loop.Slabs.Rent(Math.Max(_slab.Length * 2, _end + needed));
            Buffer.BlockCopy(_slab, 0, larger, 0, _end);
            connection.Loop.Slabs.Return(_slab);
            _slab = larger;
        }
    }

    private static ValueTask<FlushResult> Gone() => new(new FlushResult(isCanceled: false, isCompleted: true));
}
