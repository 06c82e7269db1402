using System.CommandLine;
using DataPlane.Config;
using DataPlane.Hosting;

namespace DataPlane.Commands;

/// <summary><c>dataplane routes FILE</c>: the compiled route table in match order.</summary>
internal static class RoutesCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The configuration." };
        var command = new Command("routes", "Prints the compiled routes in match order.") { file };
        command.SetAction(async (parsed, cancellation) => await PrintAsync(parsed.GetValue(file)!));
        return command;
    }

    private static async Task<int> PrintAsync(string file)
    {
        var result = ConfigLoader.Load(file, overrides: null, ConfigEnvironment.Process);
        if (result.Config is not { } config)
        {
            await CheckCommand.ReportAsync(result.Errors);
            return 1;
        }
        await Console.Out.WriteAsync(RouteTable.Print(RouteTable.Of(config)));
        return 0;
    }
}
