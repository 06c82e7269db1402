using System.Collections.Immutable;
using System.Globalization;
using DataPlane.Config.Reading;

namespace DataPlane.Config.Binding;

/// <summary>Reads lists of statuses such as <c>[200, 300-399]</c>.</summary>
internal static class StatusRanges
{
    private const int Least = 200;
    private const int Most = 599;

    /// <summary>The fallback when the key is absent; wrong items are reported and left out.</summary>
    public static ImmutableArray<StatusRange> Bind(
        NodeReader reader, string key, ImmutableArray<StatusRange> fallback, ConfigErrors errors)
    {
        if (reader.Node(key) is null) return fallback;
        var ranges = ImmutableArray.CreateBuilder<StatusRange>();
        foreach (PlacedNode item in reader.List(key))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string text)) continue;
            if (TryParse(text, out StatusRange range)) ranges.Add(range);
            else errors.Add(
                item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is not a status",
                $"write a number from {Least} to {Most}, or a range such as 200-299");
        }
        return ranges.ToImmutable();
    }

    private static bool TryParse(string text, out StatusRange range)
    {
        int dash = text.IndexOf('-');
        bool isGood = TryStatus(dash < 0 ? text : text[..dash], out int first)
            & TryStatus(dash < 0 ? text : text[(dash + 1)..], out int last);
        range = new StatusRange(first, last);
        return isGood && first <= last;
    }

    private static bool TryStatus(string text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status)
        && status is >= Least and <= Most;
}
