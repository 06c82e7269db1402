using System.Globalization;

namespace DataPlane.Gateway.Recording;

/// <summary>Which exposition a scraper asked for, and how it is called.</summary>
public static class PrometheusFormats
{
    /// <summary>
    /// OpenMetrics 1.0 when the Accept field names it and prefers it at least as much as plain text; text 0.0.4 in
    /// every other case, because that is what everything can read. Any thread; allocates.
    /// </summary>
    public static PrometheusFormat Negotiate(string? accept)
    {
        double text = 0;
        double openMetrics = 0;
        foreach (var range in (accept ?? "").Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            double quality = QualityOf(parts);
            if (IsOpenMetrics(parts)) openMetrics = Math.Max(openMetrics, quality);
            if (parts[0].Equals("text/plain", StringComparison.OrdinalIgnoreCase)) text = Math.Max(text, quality);
        }
        return openMetrics > 0 && openMetrics >= text ? PrometheusFormat.OpenMetrics : PrometheusFormat.Text;
    }

    public static string ContentTypeOf(PrometheusFormat format) => format switch
    {
        PrometheusFormat.OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        _ => "text/plain; version=0.0.4; charset=utf-8",
    };

    private static bool IsOpenMetrics(string[] parts)
    {
        if (!parts[0].Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase)) return false;
        var version = ParameterOf(parts, "version=");
        return version is null or "1.0.0";
    }

    /// <summary>RFC 9110 12.4.2: 1 when absent. Unreadable counts as not acceptable.</summary>
    private static double QualityOf(string[] parts)
    {
        var value = ParameterOf(parts, "q=");
        if (value is null) return 1;
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        return double.TryParse(value, Style, CultureInfo.InvariantCulture, out double quality) ? quality : 0;
    }

    private static string? ParameterOf(string[] parts, string name)
    {
        var found = parts.Skip(1).FirstOrDefault(part => part.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return found?[name.Length..].Trim().Trim('"');
    }
}
