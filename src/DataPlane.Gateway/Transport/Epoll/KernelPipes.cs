namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>Idle splice pipes of one loop and the transfers that use them. Loop thread only.</summary>
internal sealed class KernelPipes : IDisposable
{
    private readonly Stack<KernelPipe> _spares = new(TransportLimits.SparePipes);
    private readonly Stack<SpliceTransfer> _transfers = new();

    /// <summary>True when the next <see cref="TryRent"/> has a pipe.</summary>
    public bool IsAvailable()
    {
        if (_spares.Count > 0) return true;
        if (KernelPipe.TryCreate() is not { } pipe) return false;
        _spares.Push(pipe);
        return true;
    }

    public KernelPipe? TryRent() => _spares.TryPop(out var pipe) ? pipe : KernelPipe.TryCreate();

    /// <summary>Only an empty pipe may come back; one with bytes left is disposed by its user.</summary>
    public void Return(KernelPipe pipe)
    {
        if (_spares.Count < TransportLimits.SparePipes) _spares.Push(pipe);
        else pipe.Dispose();
    }

    public SpliceTransfer RentTransfer() => _transfers.TryPop(out var transfer) ? transfer : new SpliceTransfer(this);

    public void Return(SpliceTransfer transfer)
    {
        if (_transfers.Count < TransportLimits.SparePipes) _transfers.Push(transfer);
    }

    public void Dispose()
    {
        while (_spares.TryPop(out var pipe)) pipe.Dispose();
    }
}
