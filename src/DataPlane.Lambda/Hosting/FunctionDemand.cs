namespace DataPlane.Lambda.Hosting;

/// <summary>
/// What is asked of a function, and how many environments that takes. By Little's law those that run are arrivals times
/// duration, and those in the house arrivals times duration and wait. One thread; 0 bytes.
/// </summary>
internal sealed class FunctionDemand
{
    /// <summary>Waits shorter than this are nobody's concern, whatever the duration.</summary>
    private const double NoticedMs = 1;

    private int _arrivals;
    private double _waitedMs;
    private double _perSecond;

    /// <summary>How long an invocation takes of late; 0 before the first has ended.</summary>
    public double MeanMs { get; private set; }

    public void OnArrival() => _arrivals++;

    public void OnWaited(long ms) => _waitedMs += ms;

    /// <summary>An invocation has ended; the first one of its environment ran code that was cold.</summary>
    public void OnRun(double ms, bool isFirst)
    {
        // The mean follows a change within some ten invocations.
        double weight = MeanMs == 0 ? 1 : isFirst ? 1.0 / 64 : 1.0 / 8;
        MeanMs += (ms - MeanMs) * weight;
    }

    /// <summary>
    /// Once a second. How many environments are to be kept, and whether that many are to be started, too: not where
    /// demand is steady and waits are shorter than the work, for there are enough.
    /// </summary>
    public int Measure(out bool isPressing)
    {
        double waitMs = _arrivals == 0 ? 0 : _waitedMs / _arrivals;
        bool isLate = waitMs >= Math.Max(MeanMs, NoticedMs);
        isPressing = isLate || _arrivals > _perSecond * 1.2;
        // Up at once, down slowly: the last minute's peak still counts somewhat.
        _perSecond = Math.Max(_arrivals, _perSecond * 0.95);
        double busy = _perSecond * MeanMs / 1000;
        double inside = isLate ? _arrivals * (MeanMs + waitMs) / 1000 : 0;
        _arrivals = 0;
        _waitedMs = 0;
        return busy < 0.05 ? 0 : (int)Math.Ceiling(Math.Max(busy + Math.Sqrt(busy), inside));
    }

    /// <summary>
    /// How many more environments a queue is worth: none when it ends within <paramref name="worthMs"/>, the time
    /// of a start, and as many as let it end by then.
    /// </summary>
    /// <param name="runMs">How long one environment takes for one invocation.</param>
    public static int Missing(int waiting, int environments, double runMs, double worthMs)
    {
        double needed = waiting * runMs / worthMs;
        return needed < environments ? 0 : Math.Min(waiting, (int)Math.Ceiling(needed) - environments + 1);
    }
}
