namespace DataPlane.Gateway.Recording;

/// <summary>
/// Writes the families by endpoint and upstream from the rows of all loops, keeps them within their limit and forgets
/// endpoints that left the configuration. One scrape at a time; 0 bytes once all series have been seen.
/// </summary>
internal sealed class EndpointFamilies
{
    private static readonly byte[][] s_outcomes = ExchangeMetrics.RenderOutcomes("outcome");
    private static readonly byte[] s_otherUpstream = MetricLabel.Render("upstream", "_other");
    private static readonly byte[] s_otherEndpoint = MetricLabel.Render("endpoint", "_other");

    private readonly MetricsShard[] _shards;
    private readonly HistogramBounds _bounds;
    private readonly double _secondsPerTick;
    private readonly SeriesBudget _requestBudget;
    private readonly SeriesBudget _histogramBudget;

    /// <summary>Counts of folded series that were dropped: the overflow series must not fall.</summary>
    private readonly long[] _foldedOutcomes = new long[EndpointRow.OutcomeCount];
    private readonly long[] _overflow = new long[EndpointRow.OutcomeCount];
    private readonly HistogramSum _foldedDurations;
    private readonly HistogramSum _foldedNow;
    private readonly List<UpstreamSeries> _upstreams = [];
    private EndpointSeries?[] _endpoints = [];

    public EndpointFamilies(MetricsShard[] shards, HistogramBounds bounds, int limit, TimeProvider time)
    {
        _shards = shards;
        _bounds = bounds;
        _foldedDurations = new HistogramSum(bounds);
        _foldedNow = new HistogramSum(bounds);
        _secondsPerTick = 1.0 / time.TimestampFrequency;
        _requestBudget = new SeriesBudget("dataplane_upstream_requests_total", limit);
        _histogramBudget = new SeriesBudget("dataplane_upstream_request_duration_seconds", limit);
    }

    /// <summary>For series that come. Any thread.</summary>
    public void SetLimit(int lines) => _requestBudget.Limit = _histogramBudget.Limit = lines;

    /// <summary>
    /// Finds endpoints seen for the first time since the last page, and drops those gone for too long.
    /// </summary>
    public void Look(ISeriesScope? scope, long now, long expireAfterTicks)
    {
        foreach (var shard in _shards)
        {
            if (shard.Endpoints.Count > _endpoints.Length) Array.Resize(ref _endpoints, shard.Endpoints.Count);
            for (int index = 0; index < _endpoints.Length; index++)
            {
                if (_endpoints[index] is null && shard.Endpoints.Find(index) is { } row) Add(index, row);
            }
        }
        if (scope is null) return;
        for (int index = 0; index < _endpoints.Length; index++)
        {
            if (_endpoints[index] is not { } series) continue;
            if (scope.HasEndpoint(index)) series.AbsentSince = null;
            else if (now - (series.AbsentSince ??= now) >= expireAfterTicks) Drop(index, series);
        }
    }

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_upstream_requests"u8, MetricKind.Counter,
            "Exchanges by the endpoint asked last and how they ended."u8);
        _foldedOutcomes.CopyTo(_overflow, 0);
        for (int index = 0; index < _endpoints.Length; index++)
        {
            if (_endpoints[index] is { } series) WriteOutcomes(text, index, series);
        }
        for (int outcome = 0; outcome < _overflow.Length; outcome++)
        {
            if (_overflow[outcome] > 0)
                text.Sample(_overflow[outcome], s_otherUpstream, s_otherEndpoint, s_outcomes[outcome]);
        }
        text.Family("dataplane_upstream_request_duration_seconds"u8, MetricKind.Histogram,
            "Waited for an upstream: connecting, first byte and body."u8);
        WriteDurations(text);
    }

    public void WriteFolded(PrometheusText text)
    {
        text.Sample(_requestBudget.Folded, _requestBudget.Label);
        text.Sample(_histogramBudget.Folded, _histogramBudget.Label);
    }

    private void Add(int index, EndpointRow row)
    {
        UpstreamSeries? upstream = null;
        foreach (var each in _upstreams)
        {
            if (each.Label.AsSpan().SequenceEqual(row.UpstreamLabel)) upstream = each;
        }
        if (upstream is null)
        {
            upstream = new UpstreamSeries(row.UpstreamLabel, _bounds);
            _upstreams.Add(upstream);
            // Pages list upstreams by name, whoever was asked first.
            _upstreams.Sort(static (left, right) => left.Label.AsSpan().SequenceCompareTo(right.Label));
        }
        upstream.Endpoints++;
        _endpoints[index] = new EndpointSeries(row, upstream);
    }

    private void Drop(int index, EndpointSeries series)
    {
        series.Outcomes.Release(_requestBudget);
        foreach (var shard in _shards)
        {
            if (shard.Endpoints.Find(index) is not { } row) continue;
            for (int outcome = 0; outcome < _foldedOutcomes.Length; outcome++)
            {
                if (series.Outcomes.IsFolded(outcome)) _foldedOutcomes[outcome] += row.Outcomes.Read(outcome);
            }
            series.Upstream.Dropped.Add(row.Duration);
            shard.Endpoints.Drop(index);
        }
        _endpoints[index] = null;
        if (--series.Upstream.Endpoints > 0) return;
        _upstreams.Remove(series.Upstream);
        if (series.Upstream.HasHistogram == true) _histogramBudget.Release(_bounds.LineCount);
        else _foldedDurations.Add(series.Upstream.Dropped);
    }

    private void WriteOutcomes(PrometheusText text, int index, EndpointSeries series)
    {
        for (int outcome = 0; outcome < EndpointRow.OutcomeCount; outcome++)
        {
            long sum = 0;
            foreach (var shard in _shards) sum += shard.Endpoints.Find(index)?.Outcomes.Read(outcome) ?? 0;
            if (sum == 0) continue;
            if (series.Outcomes.IsOwn(outcome, _requestBudget))
                text.Sample(sum, series.Upstream.Label, series.Label, s_outcomes[outcome]);
            else _overflow[outcome] += sum;
        }
    }

    private void WriteDurations(PrometheusText text)
    {
        foreach (var upstream in _upstreams)
        {
            upstream.Sum.Clear();
            upstream.Sum.Add(upstream.Dropped);
        }
        for (int index = 0; index < _endpoints.Length; index++)
        {
            if (_endpoints[index] is not { } series) continue;
            foreach (var shard in _shards)
            {
                if (shard.Endpoints.Find(index) is { } row) series.Upstream.Sum.Add(row.Duration);
            }
        }
        _foldedNow.Clear();
        _foldedNow.Add(_foldedDurations);
        bool hasFolded = _foldedDurations.SumTicks > 0;
        foreach (var upstream in _upstreams)
        {
            upstream.HasHistogram ??= _histogramBudget.TryTake(_bounds.LineCount);
            if (upstream.HasHistogram == true) Write(text, upstream.Sum, upstream.Label);
            else _foldedNow.Add(upstream.Sum);
            hasFolded |= upstream.HasHistogram == false;
        }
        if (hasFolded) Write(text, _foldedNow, s_otherUpstream);
    }

    private void Write(PrometheusText text, HistogramSum sum, byte[] label) =>
        text.Histogram(_bounds, sum.Counts, sum.SumTicks * _secondsPerTick, label);
}
