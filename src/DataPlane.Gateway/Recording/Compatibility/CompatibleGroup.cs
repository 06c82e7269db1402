namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>
/// Rows summed by part of their key: the series of one family. Labels are rendered when a series is seen for the first
/// time. One scrape at a time.
/// </summary>
internal sealed class CompatibleGroup(
    HistogramBounds bounds, Func<CompatibleKey, CompatibleKey?> fold, Func<CompatibleKey, byte[]> render)
{
    private readonly Dictionary<CompatibleKey, CompatibleSum> _sums = [];

    /// <summary>Those that count something.</summary>
    public IEnumerable<CompatibleSum> Sums => _sums.Values.Where(sum => sum.Requests > 0);

    public void Clear()
    {
        foreach (var sum in _sums.Values) sum.Clear();
    }

    public void Add(CompatibleKey key, CompatibleRow row)
    {
        if (fold(key) is not { } folded) return;
        if (!_sums.TryGetValue(folded, out var sum))
            _sums.Add(folded, sum = new CompatibleSum(render(folded), bounds));
        sum.Add(row);
    }
}
