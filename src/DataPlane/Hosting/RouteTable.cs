using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Routing;
using DataPlane.Gateway.Transport;
using DataPlane.Lambda.Calling;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Remote;
using TransportKind = DataPlane.Gateway.Transport.TransportKind;

namespace DataPlane.Hosting;

/// <summary>The compiled routes as a table for people.</summary>
internal static class RouteTable
{
    /// <summary>Compiles without opening anything.</summary>
    public static IReadOnlyList<RouteTableRow> Of(GatewayConfig config)
    {
        var time = TimeProvider.System;
        using var transport = TransportChoice.Create(TransportKind.Sockets, loops: 1, time);
        using var functions = new FunctionHost(transport.Loops);
        var remote = new RemoteFunctions(transport.Loops, time);
        var compiler = new SnapshotCompiler(
            [
                .. SnapshotCompiler.BuiltInIntegrations,
                new FunctionIntegrationFactory(functions, remote, transport.Loops),
            ],
            SnapshotCompiler.BuiltInPolicies, transport.Connector, transport.Loops, time)
        {
            Services = [functions, remote],
        };
        return compiler.Compile(config, effectiveJson: "").Routes.Describe();
    }

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
