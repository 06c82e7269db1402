using System.CommandLine;
using DataPlane.Config;
using DataPlane.Demo;
using DataPlane.Hosting;

namespace DataPlane.Commands;

/// <summary><c>dataplane run [--config FILE] [--set KEY=VALUE]...</c>: the gateway, until SIGTERM or SIGINT.</summary>
internal static class RunCommand
{
    private const string DemoName = "demo.yaml";

    public static Command Create()
    {
        var command = new Command("run", "Runs the gateway; without --config, the demo.");
        AddTo(command);
        return command;
    }

    public static void AddTo(Command command)
    {
        var config = new Option<string?>("--config", "-c") { Description = "The configuration file." };
        var set = new Option<string[]>("--set") { Description = "KEY=VALUE, overrides one value of the file." };
        command.Options.Add(config);
        command.Options.Add(set);
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(config), parsed.GetValue(set) ?? []));
    }

    private static async Task<int> RunAsync(string? file, string[] sets)
    {
        if (!Overrides.TryParse(sets, out var overrides, out string problem))
        {
            await Console.Error.WriteLineAsync(problem);
            return 1;
        }
        if (file is not null)
        {
            return await ServeAsync(ConfigLoader.Load(file, overrides, ConfigEnvironment.Process), isDemo: false);
        }
        await using var demo = new DemoUpstream();
        await demo.StartAsync();
        var environment = ConfigEnvironment.Process with
        {
            Variable = name => name == DemoUpstream.PathVariable
                ? demo.SocketPath
                : Environment.GetEnvironmentVariable(name),
        };
        return await ServeAsync(ConfigLoader.Parse(DemoText(), DemoName, overrides, environment), isDemo: true);
    }

    private static async Task<int> ServeAsync(ConfigResult result, bool isDemo)
    {
        if (result.Config is not { } config)
        {
            await CheckCommand.ReportAsync(result.Errors);
            return 1;
        }
        await using var gateway = new GatewayHost(config, EffectiveConfig.Write(result.Root), TimeProvider.System);
        try
        {
            await gateway.StartAsync();
        }
        catch (IOException failure)
        {
            await Console.Error.WriteLineAsync($"dataplane: {failure.Message}");
            return 1;
        }
        await Console.Error.WriteLineAsync(Banner.Of(config, isDemo));
        await gateway.RunUntilStoppedAsync();
        return 0;
    }

    private static string DemoText()
    {
        using var stream = typeof(RunCommand).Assembly.GetManifestResourceStream("DataPlane.Demo.demo.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
