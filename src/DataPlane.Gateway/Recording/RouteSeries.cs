namespace DataPlane.Gateway.Recording;

/// <summary>What the page remembers about one route between scrapes.</summary>
internal sealed class RouteSeries(byte[] label)
{
    private SeriesMask[] _cells = [];

    /// <summary><c>route="..."</c>.</summary>
    public byte[] Label { get; } = label;

    /// <summary>Whether its histograms are series of their own; null until decided.</summary>
    public bool? HasHistograms { get; set; }

    /// <summary>When a scrape first missed it in the configuration, in clock ticks; null while it is there.</summary>
    public long? AbsentSince { get; set; }

    /// <summary>Which cells of <see cref="RouteRow.Requests"/> behind a listener are series.</summary>
    public ref SeriesMask CellsOf(int listener)
    {
        if (listener >= _cells.Length) Array.Resize(ref _cells, listener + 1);
        return ref _cells[listener];
    }
}
