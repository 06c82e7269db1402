using System.Globalization;

namespace DataPlane.Gateway.Recording;

/// <summary>Which exposition a scraper asked for, and how it is called.</summary>
public static class PrometheusFormats
{
    /// <summary>
    /// OpenMetrics 1.0 when the Accept field names it and prefers it at least as much as plain text; text 0.0.4 in
    /// every other case, because that is what everything can read. Any thread; 0 bytes.
    /// </summary>
    public static PrometheusFormat Negotiate(ReadOnlySpan<char> accept)
    {
        double text = 0;
        double openMetrics = 0;
        foreach (var each in accept.Split(','))
        {
            var range = accept[each];
            var type = TypeOf(range);
            if (IsOpenMetrics(range, type)) openMetrics = Math.Max(openMetrics, QualityOf(range));
            if (type.Equals("text/plain", StringComparison.OrdinalIgnoreCase)) text = Math.Max(text, QualityOf(range));
        }
        return openMetrics > 0 && openMetrics >= text ? PrometheusFormat.OpenMetrics : PrometheusFormat.Text;
    }

    public static string ContentTypeOf(PrometheusFormat format) => format switch
    {
        PrometheusFormat.OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        _ => "text/plain; version=0.0.4; charset=utf-8",
    };

    private static ReadOnlySpan<char> TypeOf(ReadOnlySpan<char> range)
    {
        int end = range.IndexOf(';');
        return (end < 0 ? range : range[..end]).Trim();
    }

    private static bool IsOpenMetrics(ReadOnlySpan<char> range, ReadOnlySpan<char> type)
    {
        if (!type.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase)) return false;
        return !TryFindParameter(range, "version=", out var version) || version is "1.0.0";
    }

    /// <summary>RFC 9110 12.4.2: 1 when absent. Unreadable counts as not acceptable.</summary>
    private static double QualityOf(ReadOnlySpan<char> range)
    {
        if (!TryFindParameter(range, "q=", out var value)) return 1;
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        return double.TryParse(value, Style, CultureInfo.InvariantCulture, out double quality) ? quality : 0;
    }

    private static bool TryFindParameter(
        ReadOnlySpan<char> range, ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        bool isType = true;
        value = default;
        foreach (var each in range.Split(';'))
        {
            var parameter = range[each].Trim();
            if (!isType && parameter.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                value = parameter[name.Length..].Trim().Trim('"');
                return true;
            }
            isType = false;
        }
        return false;
    }
}
