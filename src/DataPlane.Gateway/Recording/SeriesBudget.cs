namespace DataPlane.Gateway.Recording;

/// <summary>
/// How many lines of one metric are series of their own. Who came first stays: a series that was folded into
/// <c>_other</c> is not taken out again, because a counter must not fall. One scrape at a time.
/// </summary>
internal sealed class SeriesBudget(string metric, int limit)
{
    private int _used;

    /// <summary>A lower one folds what comes; what is there stays.</summary>
    public int Limit { get; set; } = limit;

    /// <summary><c>metric="..."</c>.</summary>
    public byte[] Label { get; } = MetricLabel.Render("metric", metric);

    /// <summary>Series folded since start.</summary>
    public long Folded { get; private set; }

    /// <summary>False when the metric is full: the series is counted as folded.</summary>
    public bool TryTake(int lines)
    {
        if (_used + lines > Limit)
        {
            Folded++;
            return false;
        }
        _used += lines;
        return true;
    }

    public void Release(int lines) => _used -= lines;
}
