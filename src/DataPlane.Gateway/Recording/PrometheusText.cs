using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Writes metric families in Prometheus text 0.0.4 or OpenMetrics 1.0 straight into a response's buffer: names and
/// labels are bytes, numbers are formatted in place, a series costs no object. One per scrape; one thread at a time.
/// Labels are given as up to four prerendered pieces (see <see cref="MetricLabel"/>), joined here by commas.
/// </summary>
public sealed class PrometheusText(IBufferWriter<byte> output, PrometheusFormat format)
{
    /// <summary>Bytes of the longest number, the separators and the suffix of a line.</summary>
    private const int LineSlackBytes = 64;

    /// <summary>
    /// Upper bounds as the le label: the same spelling in both formats, so a scraper sees one series.
    /// </summary>
    private static readonly byte[][] s_bounds = RenderBounds();

    private readonly byte[] _name = new byte[128];
    private int _nameLength;
    private MetricKind _kind;

    /// <summary>
    /// Begins a family: HELP and TYPE, once. The name comes without <c>_total</c>, which counters get here: OpenMetrics
    /// names the family without it and the sample with it, text 0.0.4 has it on both.
    /// </summary>
    public void Family(ReadOnlySpan<byte> name, MetricKind kind, ReadOnlySpan<byte> help)
    {
        Debug.Assert(!name.EndsWith("_total"u8) && !help.ContainsAny((byte)'\n', (byte)'\\'), "written as they are");
        name.CopyTo(_name);
        _nameLength = name.Length;
        _kind = kind;
        var suffix = kind == MetricKind.Counter && format == PrometheusFormat.Text ? "_total"u8 : default;
        WriteComment("# HELP "u8, suffix, help);
        WriteComment("# TYPE "u8, suffix, KindName(kind));
    }

    public void Sample(
        long value, ReadOnlySpan<byte> first = default, ReadOnlySpan<byte> second = default,
        ReadOnlySpan<byte> third = default, ReadOnlySpan<byte> fourth = default) =>
        WriteSample(SampleSuffix(), value, first, second, third, fourth);

    public void Sample(double value, ReadOnlySpan<byte> first = default, ReadOnlySpan<byte> second = default) =>
        WriteSample(SampleSuffix(), value, first, second);

    /// <summary>
    /// A histogram's series: the counts are one per bucket of <see cref="LatencyBounds"/>, not cumulated, with the
    /// bucket above the last bound at the end.
    /// </summary>
    public void Histogram(ReadOnlySpan<long> counts, double sum, ReadOnlySpan<byte> labels)
    {
        long total = 0;
        for (int bucket = 0; bucket < LatencyBounds.BucketCount; bucket++)
        {
            total += counts[bucket];
            if (labels.IsEmpty) WriteSample("_bucket"u8, total, s_bounds[bucket], default, default, default);
            else WriteSample("_bucket"u8, total, labels, s_bounds[bucket], default, default);
        }
        WriteSample("_sum"u8, sum, labels, default);
        WriteSample("_count"u8, total, labels, default, default, default);
    }

    /// <summary>Ends the page.</summary>
    public void Complete()
    {
        if (format == PrometheusFormat.OpenMetrics) output.Write("# EOF\n"u8);
    }

    private static byte[][] RenderBounds()
    {
        var bounds = new byte[LatencyBounds.BucketCount][];
        for (int each = 0; each < LatencyBounds.Seconds.Length; each++)
        {
            bounds[each] = MetricLabel.Render("le", $"{LatencyBounds.Seconds[each]:0.0###}");
        }
        bounds[^1] = MetricLabel.Render("le", "+Inf");
        return bounds;
    }

    private static ReadOnlySpan<byte> KindName(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter"u8,
        MetricKind.Gauge => "gauge"u8,
        _ => "histogram"u8,
    };

    private static int WriteDouble(Span<byte> line, double value)
    {
        // Scrapers read Go's spelling of the values that are no numbers.
        if (double.IsNaN(value)) return Append(line, 0, "NaN"u8);
        if (double.IsInfinity(value)) return Append(line, 0, value > 0 ? "+Inf"u8 : "-Inf"u8);
        Utf8Formatter.TryFormat(value, line, out int length);
        return length;
    }

    private static int Append(Span<byte> line, int length, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(line[length..]);
        return length + bytes.Length;
    }

    private static int EndSeries(Span<byte> line, int length, bool hasLabels)
    {
        if (hasLabels) line[length++] = (byte)'}';
        line[length++] = (byte)' ';
        return length;
    }

    private static int AppendLabels(Span<byte> line, int length, ReadOnlySpan<byte> labels)
    {
        if (labels.IsEmpty) return length;
        if (line[length - 1] != '{') line[length++] = (byte)',';
        return Append(line, length, labels);
    }

    private ReadOnlySpan<byte> SampleSuffix() => _kind == MetricKind.Counter ? "_total"u8 : default;

    private void WriteComment(ReadOnlySpan<byte> keyword, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> text)
    {
        var line = output.GetSpan(keyword.Length + _nameLength + suffix.Length + text.Length + 2);
        int length = Append(line, 0, keyword);
        length = Append(line, length, _name.AsSpan(0, _nameLength));
        length = Append(line, length, suffix);
        line[length++] = (byte)' ';
        length = Append(line, length, text);
        line[length++] = (byte)'\n';
        output.Advance(length);
    }

    private void WriteSample(
        ReadOnlySpan<byte> suffix, long value, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second,
        ReadOnlySpan<byte> third, ReadOnlySpan<byte> fourth)
    {
        var line = output.GetSpan(
            _nameLength + first.Length + second.Length + third.Length + fourth.Length + LineSlackBytes);
        int length = BeginSeries(line, suffix, !first.IsEmpty);
        length = AppendLabels(line, length, first);
        length = AppendLabels(line, length, second);
        length = AppendLabels(line, length, third);
        length = AppendLabels(line, length, fourth);
        length = EndSeries(line, length, !first.IsEmpty);
        Utf8Formatter.TryFormat(value, line[length..], out int digits);
        length += digits;
        line[length++] = (byte)'\n';
        output.Advance(length);
    }

    private void WriteSample(
        ReadOnlySpan<byte> suffix, double value, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var line = output.GetSpan(_nameLength + first.Length + second.Length + LineSlackBytes);
        int length = BeginSeries(line, suffix, !first.IsEmpty);
        length = AppendLabels(line, length, first);
        length = AppendLabels(line, length, second);
        length = EndSeries(line, length, !first.IsEmpty);
        length += WriteDouble(line[length..], value);
        line[length++] = (byte)'\n';
        output.Advance(length);
    }

    private int BeginSeries(Span<byte> line, ReadOnlySpan<byte> suffix, bool hasLabels)
    {
        int length = Append(line, 0, _name.AsSpan(0, _nameLength));
        length = Append(line, length, suffix);
        if (hasLabels) line[length++] = (byte)'{';
        return length;
    }
}
