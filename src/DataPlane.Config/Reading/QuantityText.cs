using System.Globalization;

namespace DataPlane.Config.Reading;

/// <summary>Durations, sizes and rates: a whole number and a unit, nothing else, as in the shared contract.</summary>
public static class QuantityText
{
    /// <summary><c>250ms</c>, <c>5s</c>, <c>10m</c>, <c>24h</c>.</summary>
    public static bool TryDuration(string text, out TimeSpan value)
    {
        value = default;
        if (!TrySplit(text, out long count, out string unit)) return false;
        long ticks = unit switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => 0,
        };
        if (ticks == 0 || count > TimeSpan.MaxValue.Ticks / ticks) return false;
        value = TimeSpan.FromTicks(count * ticks);
        return true;
    }

    /// <summary>
    /// Bytes: <c>1024</c>, <c>64KiB</c>, <c>10MiB</c>, <c>1GiB</c>. KB is refused: it means 1000 or 1024.
    /// </summary>
    public static bool TrySize(string text, out long bytes)
    {
        bytes = 0;
        if (!TrySplit(text, out long count, out string unit)) return false;
        int shift = unit switch { "" => 0, "KiB" => 10, "MiB" => 20, "GiB" => 30, _ => -1 };
        if (shift < 0 || count > long.MaxValue >> shift) return false;
        bytes = count << shift;
        return true;
    }

    /// <summary><c>100/s</c>, <c>1000/m</c>, <c>5000/h</c>.</summary>
    public static bool TryRate(string text, out Rate value)
    {
        value = default;
        if (!TrySplit(text, out long count, out string unit)) return false;
        TimeSpan period = unit switch
        {
            "/s" => TimeSpan.FromSeconds(1),
            "/m" => TimeSpan.FromMinutes(1),
            "/h" => TimeSpan.FromHours(1),
            _ => TimeSpan.Zero,
        };
        if (period == TimeSpan.Zero) return false;
        value = new Rate(count, period);
        return true;
    }

    /// <summary><c>20%</c>, <c>0.5%</c> as a share from 0 to 1; more than 100% is none.</summary>
    public static bool TryPercent(string text, out double share)
    {
        share = 0;
        if (!text.EndsWith('%')) return false;
        bool isNumber = double.TryParse(
            text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out share);
        share /= 100;
        return isNumber && share <= 1;
    }

    public static string Duration(TimeSpan value) => value.Ticks switch
    {
        0 => "0s",
        var ticks when ticks % TimeSpan.TicksPerHour == 0 => $"{ticks / TimeSpan.TicksPerHour}h",
        var ticks when ticks % TimeSpan.TicksPerMinute == 0 => $"{ticks / TimeSpan.TicksPerMinute}m",
        var ticks when ticks % TimeSpan.TicksPerSecond == 0 => $"{ticks / TimeSpan.TicksPerSecond}s",
        var ticks => $"{ticks / TimeSpan.TicksPerMillisecond}ms",
    };

    public static string Size(long bytes) => bytes switch
    {
        0 => "0",
        _ when bytes % (1 << 30) == 0 => $"{bytes >> 30}GiB",
        _ when bytes % (1 << 20) == 0 => $"{bytes >> 20}MiB",
        _ when bytes % (1 << 10) == 0 => $"{bytes >> 10}KiB",
        _ => $"{bytes}",
    };

    private static bool TrySplit(string text, out long count, out string unit)
    {
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0) digits = text.Length;
        unit = text[digits..];
        return long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }
}
