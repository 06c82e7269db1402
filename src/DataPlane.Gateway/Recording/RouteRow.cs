using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Recording;

/// <summary>Counters of one route behind one listener on one loop.</summary>
internal sealed class RouteRow(byte[] label, HistogramBounds bounds)
{
    /// <summary>1xx to 5xx, and one for what is no status.</summary>
    public const int ClassCount = 6;

    public static readonly int MethodCount = Enum.GetValues<RequestMethod>().Length;

    public static readonly int CellCount = MethodCount * ClassCount;

    private Exemplars? _exemplars;

    /// <summary><c>route="..."</c>.</summary>
    public byte[] Label { get; } = label;

    /// <summary>Method by method, each with <see cref="ClassCount"/> cells.</summary>
    public CounterBlock Requests { get; } = new(CellCount);

    public LatencyHistogram Total { get; } = new(bounds);

    /// <summary>Without the upstream's share.</summary>
    public LatencyHistogram Own { get; } = new(bounds);

    /// <summary>Of <see cref="Total"/>; null until a sampled trace came by. Any thread.</summary>
    public Exemplars? Exemplars => Volatile.Read(ref _exemplars);

    /// <summary>The owning loop's thread only; allocates for the first one of a row.</summary>
    public Exemplars OwnExemplars()
    {
        if (_exemplars is null) Volatile.Write(ref _exemplars, new Exemplars(bounds.BucketCount));
        return _exemplars!;
    }

    public static int CellOf(RequestMethod method, int statusCode)
    {
        int statusClass = statusCode / 100;
        return ((int)method * ClassCount) + (statusClass is > 0 and < ClassCount ? statusClass : 0);
    }
}
