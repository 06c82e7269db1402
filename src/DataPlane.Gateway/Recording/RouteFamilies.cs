using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Writes the families by route from the rows of all loops, keeps them within their limit and forgets routes that left
/// the configuration. One scrape at a time; 0 bytes once all series have been seen.
/// </summary>
internal sealed class RouteFamilies
{
    private static readonly byte[][] s_methods = RenderMethods();
    private static readonly byte[][] s_classes = RenderClasses();
    private static readonly byte[] s_otherListener = MetricLabel.Render("listener", "_other");
    private static readonly byte[] s_otherRoute = MetricLabel.Render("route", "_other");

    private readonly MetricsShard[] _shards;
    private readonly HistogramSum _sum;
    private readonly HistogramSum _foldedNow;
    private readonly HistogramSum _foldedTotal;
    private readonly HistogramSum _foldedOwn;
    private readonly ExemplarSum _exemplars;
    private readonly double _secondsPerTick;

    /// <summary>Counts of folded rows that were dropped: the overflow series must not fall.</summary>
    private readonly long[] _foldedRequests = new long[RouteRow.CellCount];
    private readonly long[] _overflow = new long[RouteRow.CellCount];
    private readonly SeriesBudget _requestBudget;
    private readonly SeriesBudget _histogramBudget;
    private RouteSeries?[] _routes = [];
    private int _listeners;

    public RouteFamilies(MetricsShard[] shards, HistogramBounds bounds, int limit, TimeProvider time)
    {
        _shards = shards;
        _sum = new HistogramSum(bounds);
        _foldedNow = new HistogramSum(bounds);
        _foldedTotal = new HistogramSum(bounds);
        _foldedOwn = new HistogramSum(bounds);
        _exemplars = new ExemplarSum(bounds.BucketCount, time);
        _secondsPerTick = 1.0 / time.TimestampFrequency;
        _requestBudget = new SeriesBudget("dataplane_http_requests_total", limit);
        _histogramBudget = new SeriesBudget("dataplane_http_request_duration_seconds", limit);
    }

    /// <summary>For series that come. Any thread.</summary>
    public void SetLimit(int lines) => _requestBudget.Limit = _histogramBudget.Limit = lines;

    /// <summary>Finds routes seen for the first time since the last page, and drops those gone for too long.</summary>
    public void Look(ISeriesScope? scope, long now, long expireAfterTicks)
    {
        foreach (var shard in _shards)
        {
            _listeners = Math.Max(_listeners, shard.Listeners.Count);
            for (int listener = 0; listener < shard.Listeners.Count; listener++)
            {
                if (shard.Listeners.Find(listener) is { } row) Look(row.Routes);
            }
        }
        if (scope is null) return;
        // Index 0 is for what no route matched: it never leaves.
        for (int route = 1; route < _routes.Length; route++)
        {
            if (_routes[route] is not { } series) continue;
            if (scope.HasRoute(route - 1)) series.AbsentSince = null;
            else if (now - (series.AbsentSince ??= now) >= expireAfterTicks) Drop(route, series);
        }
    }

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_http_requests"u8, MetricKind.Counter, "Requests by what became of them."u8);
        WriteRequests(text);
        text.Family("dataplane_http_request_duration_seconds"u8, MetricKind.Histogram,
            "From the first byte of a request to the last byte of its response."u8);
        WriteHistograms(text, isOwn: false, _foldedTotal);
        text.Family("dataplane_gateway_duration_seconds"u8, MetricKind.Histogram,
            "The part of a request's duration not spent waiting for the upstream."u8);
        WriteHistograms(text, isOwn: true, _foldedOwn);
    }

    public void WriteFolded(PrometheusText text)
    {
        text.Sample(_requestBudget.Folded, _requestBudget.Label);
        text.Sample(_histogramBudget.Folded, _histogramBudget.Label);
    }

    private static byte[][] RenderMethods() =>
        [.. Enum.GetValues<RequestMethod>().Select(method => MetricLabel.Render(
            "method", method == RequestMethod.Other ? "_other" : method.ToString().ToUpperInvariant()))];

    private static byte[][] RenderClasses() =>
        [.. Enumerable.Range(0, RouteRow.ClassCount).Select(each => MetricLabel.Render(
            "status_class", each == 0 ? "_other" : $"{each}xx"))];

    private void Look(ShardRows<RouteRow> rows)
    {
        if (rows.Count > _routes.Length) Array.Resize(ref _routes, rows.Count);
        for (int route = 0; route < _routes.Length; route++)
        {
            if (_routes[route] is null && rows.Find(route) is { } row) _routes[route] = new RouteSeries(row.Label);
        }
    }

    private void Drop(int route, RouteSeries series)
    {
        for (int listener = 0; listener < _listeners; listener++)
        {
            ref var mask = ref series.CellsOf(listener);
            mask.Release(_requestBudget);
            foreach (var shard in _shards)
            {
                if (shard.Listeners.Find(listener) is not { } at || at.Routes.Find(route) is not { } row) continue;
                for (int cell = 0; cell < RouteRow.CellCount; cell++)
                {
                    if (mask.IsFolded(cell)) _foldedRequests[cell] += row.Requests.Read(cell);
                }
                if (series.HasHistograms == false)
                {
                    _foldedTotal.Add(row.Total);
                    _foldedOwn.Add(row.Own);
                }
                at.Routes.Drop(route);
            }
        }
        if (series.HasHistograms == true) _histogramBudget.Release(_sum.Bounds.LineCount);
        _routes[route] = null;
    }

    private void WriteRequests(PrometheusText text)
    {
        _foldedRequests.CopyTo(_overflow, 0);
        for (int listener = 0; listener < _listeners; listener++)
        {
            for (int route = 0; route < _routes.Length; route++)
            {
                if (_routes[route] is { } series) WriteRequests(text, listener, route, series);
            }
        }
        for (int cell = 0; cell < RouteRow.CellCount; cell++)
        {
            if (_overflow[cell] > 0) WriteCell(text, cell, _overflow[cell], s_otherListener, s_otherRoute);
        }
    }

    private void WriteRequests(PrometheusText text, int listener, int route, RouteSeries series)
    {
        byte[]? label = null;
        Span<long> sums = stackalloc long[RouteRow.CellCount];
        sums.Clear();
        foreach (var shard in _shards)
        {
            if (shard.Listeners.Find(listener) is not { } at || at.Routes.Find(route) is not { } row) continue;
            label = at.Label;
            for (int cell = 0; cell < sums.Length; cell++) sums[cell] += row.Requests.Read(cell);
        }
        if (label is null) return;
        ref var mask = ref series.CellsOf(listener);
        for (int cell = 0; cell < sums.Length; cell++)
        {
            // Only what happened is a series: all methods and classes of all routes would be a page of megabytes.
            if (sums[cell] == 0) continue;
            if (mask.IsOwn(cell, _requestBudget)) WriteCell(text, cell, sums[cell], label, series.Label);
            else _overflow[cell] += sums[cell];
        }
    }

    private static void WriteCell(PrometheusText text, int cell, long count, byte[] listener, byte[] route)
    {
        int method = Math.DivRem(cell, RouteRow.ClassCount, out int statusClass);
        text.Sample(count, listener, route, s_methods[method], s_classes[statusClass]);
    }

    private void WriteHistograms(PrometheusText text, bool isOwn, HistogramSum dropped)
    {
        _foldedNow.Clear();
        _foldedNow.Add(dropped);
        bool hasFolded = false;
        for (int route = 0; route < _routes.Length; route++)
        {
            if (_routes[route] is not { } series) continue;
            series.HasHistograms ??= _histogramBudget.TryTake(_sum.Bounds.LineCount);
            Add(route, isOwn);
            if (series.HasHistograms == false)
            {
                _foldedNow.Add(_sum);
                hasFolded = true;
                continue;
            }
            text.Histogram(
                _sum.Bounds, _sum.Counts, _sum.SumTicks * _secondsPerTick, series.Label, isOwn ? null : _exemplars);
        }
        if (!hasFolded && dropped.SumTicks == 0) return;
        text.Histogram(_sum.Bounds, _foldedNow.Counts, _foldedNow.SumTicks * _secondsPerTick, s_otherRoute);
    }

    /// <summary>Sums one route's durations over loops and listeners.</summary>
    private void Add(int route, bool isOwn)
    {
        _sum.Clear();
        if (!isOwn) _exemplars.Clear();
        foreach (var shard in _shards)
        {
            for (int listener = 0; listener < _listeners; listener++)
            {
                if (shard.Listeners.Find(listener)?.Routes.Find(route) is not { } row) continue;
                _sum.Add(isOwn ? row.Own : row.Total);
                if (!isOwn && row.Exemplars is { } exemplars) _exemplars.Add(exemplars);
            }
        }
    }
}
