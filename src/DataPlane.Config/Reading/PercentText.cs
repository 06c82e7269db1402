using System.Globalization;

namespace DataPlane.Config.Reading;

/// <summary>Shares of a whole: <c>2%</c>, <c>0.5%</c>; the sign is required, so that 0.5 cannot mean half.</summary>
public static class PercentText
{
    /// <summary>0 to 1.</summary>
    public static bool TryParse(string text, out double share)
    {
        share = 0;
        if (!text.EndsWith('%')) return false;
        if (!double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out double percent)) return false;
        share = percent / 100;
        return percent <= 100;
    }
}
