using System.CommandLine;
using DataPlane.Config;

namespace DataPlane.Commands;

/// <summary>
/// <c>dataplane check FILE...</c>: every error of every file at once, and exit 1 when there is any; what is hardly
/// meant as warnings, which change nothing.
/// </summary>
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

    public static async Task WarnAsync(IReadOnlyList<ConfigError> warnings)
    {
        foreach (var each in warnings)
        {
            string path = each.Path.Length == 0 ? "" : each.Path + ": ";
            await Console.Error.WriteLineAsync(
                $"{each.File}:{each.Line}:{each.Column}: warning: {path}{each.Message}; {each.Fix}");
        }
    }

    private static async Task<int> CheckAsync(string[] files)
    {
        int status = 0;
        foreach (string file in files)
        {
            var result = ConfigLoader.Load(file, overrides: null, ConfigEnvironment.Process);
            await ReportAsync(result.Errors);
            await WarnAsync(result.Warnings);
            if (result.Config is null) status = 1;
            else await Console.Out.WriteLineAsync($"{file}: ok, {result.Config.Routes.Length} routes");
        }
        return status;
    }
}
