namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Lets one thread at a time through; the others spin, and give their processor away when it lasts, without ever
/// sleeping. For steps of a microsecond or so. Any thread; 0 bytes.
/// </summary>
internal sealed class SpinGate
{
    private int _isTaken;

    public void Enter()
    {
        if (Interlocked.CompareExchange(ref _isTaken, 1, 0) != 0) Wait();
    }

    public void Leave() => Volatile.Write(ref _isTaken, 0);

    private void Wait()
    {
        var spin = default(SpinWait);
        do
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
        while (Volatile.Read(ref _isTaken) != 0 || Interlocked.CompareExchange(ref _isTaken, 1, 0) != 0);
    }
}
