using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Writes metric families in Prometheus text 0.0.4 or OpenMetrics 1.0 straight into a response's buffer: names and
/// labels are bytes, numbers are formatted in place, a series costs no object. Used again for the next page; one thread
/// at a time. Labels are given as up to four prerendered pieces (see <see cref="MetricLabel"/>), joined here by commas.
/// </summary>
public sealed class PrometheusText
{
    /// <summary>Bytes of the longest number, the separators and the suffix of a line.</summary>
    private const int LineSlackBytes = 64;

    /// <summary>Bytes of an exemplar: braces, name and trace id, value and time.</summary>
    private const int ExemplarBytes = 128;

    private readonly byte[] _name = new byte[128];
    private int _nameLength;
    private MetricKind _kind;
    private IBufferWriter<byte>? _output;
    private PrometheusFormat _format;

    // What the output gave and how much of it is written: a call into a response's pipe per block, not per line.
    private Memory<byte> _block;
    private int _written;

    public PrometheusText()
    {
    }

    public PrometheusText(IBufferWriter<byte> output, PrometheusFormat format) => Begin(output, format);

    /// <summary>Begins a page.</summary>
    public void Begin(IBufferWriter<byte> output, PrometheusFormat format)
    {
        _output = output;
        _format = format;
        _block = default;
        _written = 0;
    }

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
        var suffix = kind == MetricKind.Counter && _format == PrometheusFormat.Text ? "_total"u8 : default;
        WriteComment("# HELP "u8, suffix, help);
        WriteComment("# TYPE "u8, suffix, KindName(kind, _format));
    }

    public void Sample(
        long value, ReadOnlySpan<byte> first = default, ReadOnlySpan<byte> second = default,
        ReadOnlySpan<byte> third = default, ReadOnlySpan<byte> fourth = default)
    {
        var line = Room(_nameLength + first.Length + second.Length + third.Length + fourth.Length + LineSlackBytes);
        int length = BeginSeries(line, SampleSuffix(), first, second);
        length = AppendLabels(line, length, third);
        length = AppendLabels(line, length, fourth);
        length = EndSeries(line, length, !first.IsEmpty);
        EndLine(line, length + WriteLong(line[length..], value));
    }

    public void Sample(double value, ReadOnlySpan<byte> first = default, ReadOnlySpan<byte> second = default)
    {
        var line = Room(_nameLength + first.Length + second.Length + LineSlackBytes);
        int length = BeginSeries(line, SampleSuffix(), first, second);
        length = EndSeries(line, length, !first.IsEmpty);
        EndLine(line, length + WriteDouble(line[length..], value));
    }

    /// <summary>
    /// A histogram's series: the counts are one per bucket, not cumulated, with the bucket above the last bound at the
    /// end. Exemplars are written where the format has them.
    /// </summary>
    internal void Histogram(
        HistogramBounds bounds, ReadOnlySpan<long> counts, double sum, ReadOnlySpan<byte> labels,
        ExemplarSum? exemplars = null)
    {
        if (_format != PrometheusFormat.OpenMetrics) exemplars = null;
        long total = 0;
        for (int bucket = 0; bucket < counts.Length; bucket++)
        {
            total += counts[bucket];
            var bound = bounds.Labels[bucket];
            var line = Room(_nameLength + labels.Length + bound.Length + LineSlackBytes + ExemplarBytes);
            int length = labels.IsEmpty
                ? BeginSeries(line, "_bucket"u8, bound, default)
                : BeginSeries(line, "_bucket"u8, labels, bound);
            length = EndSeries(line, length, hasLabels: true);
            length += WriteLong(line[length..], total);
            if (exemplars is not null) length = AppendExemplar(line, length, exemplars, bucket);
            EndLine(line, length);
        }
        WriteSum(sum, labels);
        WriteCount(total, labels);
    }

    /// <summary>Ends the page.</summary>
    public void Complete()
    {
        if (_format == PrometheusFormat.OpenMetrics) _written += Append(Room(8), 0, "# EOF\n"u8);
        _output!.Advance(_written);
        _output = null;
        _block = default;
    }

    private static ReadOnlySpan<byte> KindName(MetricKind kind, PrometheusFormat format) => kind switch
    {
        MetricKind.Counter => "counter"u8,
        MetricKind.Gauge => "gauge"u8,
        MetricKind.Histogram => "histogram"u8,
        _ => format == PrometheusFormat.Text ? "untyped"u8 : "unknown"u8,
    };

    private static int WriteLong(Span<byte> line, long value)
    {
        Utf8Formatter.TryFormat(value, line, out int digits);
        return digits;
    }

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

    /// <summary>OpenMetrics 1.0, "Exemplars": <c> # {labels} value time</c> behind a bucket's value.</summary>
    private static int AppendExemplar(Span<byte> line, int length, ExemplarSum exemplars, int bucket)
    {
        if (!exemplars.TryGet(bucket, out var traceId, out double value, out double atSeconds)) return length;
        length = Append(line, length, " # {trace_id=\""u8);
        length = Append(line, length, traceId);
        length = Append(line, length, "\"} "u8);
        length += WriteDouble(line[length..], value);
        line[length++] = (byte)' ';
        Utf8Formatter.TryFormat(atSeconds, line[length..], out int digits, new StandardFormat('F', 3));
        return length + digits;
    }

    private ReadOnlySpan<byte> SampleSuffix() => _kind == MetricKind.Counter ? "_total"u8 : default;

    /// <summary>Space for a line, handed on by <see cref="EndLine"/>.</summary>
    private Span<byte> Room(int bytes)
    {
        if (_block.Length - _written < bytes)
        {
            if (_written > 0) _output!.Advance(_written);
            _block = _output!.GetMemory(bytes);
            _written = 0;
        }
        return _block.Span[_written..];
    }

    private void EndLine(Span<byte> line, int length)
    {
        line[length] = (byte)'\n';
        _written += length + 1;
    }

    private void WriteComment(ReadOnlySpan<byte> keyword, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> text)
    {
        var line = Room(keyword.Length + _nameLength + suffix.Length + text.Length + 2);
        int length = Append(line, 0, keyword);
        length = Append(line, length, _name.AsSpan(0, _nameLength));
        length = Append(line, length, suffix);
        line[length++] = (byte)' ';
        EndLine(line, Append(line, length, text));
    }

    private void WriteSum(double sum, ReadOnlySpan<byte> labels)
    {
        var line = Room(_nameLength + labels.Length + LineSlackBytes);
        int length = BeginSeries(line, "_sum"u8, labels, default);
        length = EndSeries(line, length, !labels.IsEmpty);
        EndLine(line, length + WriteDouble(line[length..], sum));
    }

    private void WriteCount(long count, ReadOnlySpan<byte> labels)
    {
        var line = Room(_nameLength + labels.Length + LineSlackBytes);
        int length = BeginSeries(line, "_count"u8, labels, default);
        length = EndSeries(line, length, !labels.IsEmpty);
        EndLine(line, length + WriteLong(line[length..], count));
    }

    private int BeginSeries(
        Span<byte> line, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = Append(line, 0, _name.AsSpan(0, _nameLength));
        length = Append(line, length, suffix);
        if (first.IsEmpty) return length;
        line[length++] = (byte)'{';
        length = Append(line, length, first);
        return AppendLabels(line, length, second);
    }
}
