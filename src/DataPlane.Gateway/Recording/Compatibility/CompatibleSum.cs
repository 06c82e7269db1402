namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>One series of another product's metric while a page is written.</summary>
internal sealed class CompatibleSum(byte[] labels, HistogramBounds bounds)
{
    public byte[] Labels { get; } = labels;

    public HistogramSum Total { get; } = new(bounds);

    public HistogramSum Upstream { get; } = new(bounds);

    public HistogramSum Own { get; } = new(bounds);

    public long BytesReceived { get; private set; }

    public long BytesSent { get; private set; }

    public long Requests
    {
        get
        {
            long requests = 0;
            foreach (long count in Total.Counts) requests += count;
            return requests;
        }
    }

    public void Clear()
    {
        Total.Clear();
        Upstream.Clear();
        Own.Clear();
        BytesReceived = BytesSent = 0;
    }

    public void Add(CompatibleRow row)
    {
        Total.Add(row.Total);
        Upstream.Add(row.Upstream);
        Own.Add(row.Own);
        BytesReceived += row.BytesReceived;
        BytesSent += row.BytesSent;
    }
}
