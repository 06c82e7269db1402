using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Routing;

namespace DataPlane.Hosting;

/// <summary>The compiled routes as a table for people.</summary>
internal static class RouteTable
{
    /// <summary>Compiles without opening anything.</summary>
    public static IReadOnlyList<RouteTableRow> Of(GatewayConfig config) =>
        OfflineCompilation.Run(config, static (snapshot, _) => snapshot.Routes.Describe());

    public static string Print(IReadOnlyList<RouteTableRow> rows)
    {
        var cells = new List<string[]> { new[] { "HOST", "PRIORITY", "PATH", "METHODS", "CONDITIONS", "ROUTE" } };
        cells.AddRange(rows.Select(row => new[]
        {
            row.Host,
            row.Priority.ToString(System.Globalization.CultureInfo.InvariantCulture),
            row.Path,
            row.Methods.IsEmpty ? "*" : string.Join(',', row.Methods),
            Conditions(row),
            row.RouteId,
        }));
        int[] widths = [.. Enumerable.Range(0, 6).Select(column => cells.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (var row in cells)
        {
            var line = row.Select((cell, column) => cell.PadRight(widths[column]));
            text.AppendLine(string.Join("  ", line).TrimEnd());
        }
        return text.ToString();
    }

    private static string Conditions(RouteTableRow row)
    {
        var all = row.Headers.Select(each => $"{each.Name}: {each.Value ?? "*"}")
            .Concat(row.Query.Select(each => $"?{each.Name}={each.Value ?? "*"}"));
        string joined = string.Join(' ', all);
        return joined.Length == 0 ? "-" : joined;
    }
}
