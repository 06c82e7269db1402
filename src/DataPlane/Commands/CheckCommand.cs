using System.CommandLine;
using DataPlane.Config;

namespace DataPlane.Commands;

/// <summary><c>dataplane check FILE...</c>: every error of every file at once; exit 1 when there is any.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Arity = ArgumentArity.OneOrMore, Description = "Configurations." };
        var command = new Command("check", "Validates configurations and reports every error at once.") { files };
        command.SetAction(async (parsed, cancellation) => await CheckAsync(parsed.GetValue(files)!));
        return command;
    }

    public static async Task ReportAsync(IReadOnlyList<ConfigError> errors)
    {
        foreach (var error in errors) await Console.Error.WriteLineAsync(error.ToString());
    }

    private static async Task<int> CheckAsync(string[] files)
    {
        int status = 0;
        foreach (string file in files)
        {
            var result = ConfigLoader.Load(file, overrides: null, ConfigEnvironment.Process);
            await ReportAsync(result.Errors);
            if (result.Config is null) status = 1;
            else await Console.Out.WriteLineAsync($"{file}: ok, {result.Config.Routes.Length} routes");
        }
        return status;
    }
}
