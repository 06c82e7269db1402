using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Most exchanges under way at once on a route or listener; one without a bound has none of these. Counted per loop and
/// added up to decide, so as many exchanges as there are loops may go over it when all come in the same moment. Loop
/// threads; 0 bytes.
/// </summary>
public sealed class InFlightBound(int most, LoopSet loops)
{
    /// <summary>Two cache lines of 64-bit cells.</summary>
    private const int Stride = 16;

    // One group in front, against whatever lies before the array.
    private readonly long[] _underWay = new long[(loops.Count + 1) * Stride];

    public int Most => most;

    /// <summary>Any thread.</summary>
    public long UnderWay
    {
        get
        {
            long sum = 0;
            for (int each = Stride; each < _underWay.Length; each += Stride) sum += Volatile.Read(ref _underWay[each]);
            return sum;
        }
    }

    public bool TryEnter(EventLoop loop)
    {
        if (UnderWay >= most) return false;
        Add(loop, 1);
        return true;
    }

    public void Leave(EventLoop loop) => Add(loop, -1);

    private void Add(EventLoop loop, long amount)
    {
        ref long cell = ref _underWay[(loop.Index + 1) * Stride];
        Volatile.Write(ref cell, cell + amount);
    }
}
