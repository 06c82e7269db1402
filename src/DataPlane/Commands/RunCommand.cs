using System.CommandLine;
using DataPlane.Config;
using DataPlane.Demo;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Handover;
using DataPlane.Hosting;

namespace DataPlane.Commands;

/// <summary>
/// <c>dataplane run [--config FILE] [--set KEY=VALUE]... [--state FOLDER [--last-good]] [--no-watch]</c>: the gateway,
/// until SIGTERM or SIGINT.
/// </summary>
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
        var state = new Option<string?>("--state")
        {
            Description = "A folder to keep the last good configuration in, and waiting events.",
        };
        var lastGood = new Option<bool>("--last-good")
        {
            Description = "When the file has errors, serve the last good configuration of --state.",
        };
        var noWatch = new Option<bool>("--no-watch")
        {
            Description = "Reload on SIGHUP and PUT /config only, not when a file changes.",
        };
        foreach (Option each in new Option[] { config, set, state, lastGood, noWatch }) command.Options.Add(each);
        command.SetAction((parsed, cancellation) => RunAsync(new RunArguments(
            parsed.GetValue(config), parsed.GetValue(set) ?? [], parsed.GetValue(state), parsed.GetValue(lastGood),
            !parsed.GetValue(noWatch))));
    }

    private static async Task<int> RunAsync(RunArguments arguments)
    {
        if (!Overrides.TryParse(arguments.Sets, out var overrides, out string problem))
        {
            await Console.Error.WriteLineAsync(problem);
            return 1;
        }
        if (arguments.LastGood && arguments.State is null)
        {
            await Console.Error.WriteLineAsync("--last-good needs --state FOLDER, where it is kept");
            return 1;
        }
        if (arguments.File is { } file)
        {
            return await ServeAsync(
                ConfigSource.OfFile(file, overrides, EnvironmentOf(arguments)), arguments, demo: null);
        }
        await using var upstream = new DemoUpstream();
        await upstream.StartAsync();
        using var demo = new DemoFunctions();
        var environment = ConfigEnvironment.Process with
        {
            Variable = name => name == DemoUpstream.PathVariable
                ? upstream.SocketPath
                : Environment.GetEnvironmentVariable(name),
        };
        return await ServeAsync(
            ConfigSource.OfText(DemoName, DemoText() + demo.Yaml, overrides, environment), arguments, demo);
    }

    /// <summary>The folder for the last good configuration is that for all that outlasts the process.</summary>
    private static ConfigEnvironment EnvironmentOf(RunArguments arguments) => ConfigEnvironment.Process with
    {
        Variable = name => name == ConfigEnvironment.StateVariable && arguments.State is { } state
            ? Path.GetFullPath(state)
            : Environment.GetEnvironmentVariable(name),
    };

    private static async Task<int> ServeAsync(ConfigSource source, RunArguments arguments, DemoFunctions? demo)
    {
        await using var gateway = await PrepareAsync(source, arguments);
        if (gateway is null) return 1;
        using var signals = gateway.ObeySignals();
        try
        {
            await gateway.StartAsync();
        }
        catch (IOException failure)
        {
            await Console.Error.WriteLineAsync($"dataplane: {failure.Message}");
            return 1;
        }
        await Console.Error.WriteLineAsync(Banner.Of(gateway.Settings, demo));
        ServiceNotice.Ready();
        Successor.TellReady();
        await gateway.RunUntilStoppedAsync();
        return 0;
    }

    /// <summary>By itself, so that what was read is let go before the gateway runs. Null: it cannot start.</summary>
    private static async Task<GatewayHost?> PrepareAsync(ConfigSource source, RunArguments arguments)
    {
        var lastGood = arguments.State is { } folder ? new LastGood(folder) : null;
        var load = source.Load();
        IReadOnlyList<ConfigError> startErrors = load.Result.Errors;
        await CheckCommand.ReportAsync(startErrors);
        if (load.Result.Config is null && arguments.LastGood)
            load = await LoadLastGoodAsync(source, lastGood!) ?? load;
        if (load.Result.Config is not { } config) return null;
        await CheckCommand.WarnAsync(load.Result.Warnings);
        if (OpenFileLimit.Raise(config) is { } warning) await Console.Error.WriteLineAsync($"dataplane: {warning}");
        return new GatewayHost(config, load.EffectiveJson.Value, TimeProvider.System, new RunOptions
        {
            Source = source,
            First = load,
            Watches = arguments.Watches,
            Rehearses = true,
            LastGood = lastGood,
            StartErrors = startErrors,
            Sockets = ListeningSockets.FromEnvironment(),
        });
    }

    private static async Task<ConfigLoad?> LoadLastGoodAsync(ConfigSource source, LastGood lastGood)
    {
        if (lastGood.Read(out string problem) is not { } kept)
        {
            await Console.Error.WriteLineAsync($"dataplane: no last good configuration: {problem}");
            return null;
        }
        var load = source.Load(kept);
        if (load.Result.Config is null)
        {
            await Console.Error.WriteLineAsync($"dataplane: the last good configuration has errors as well:");
            await CheckCommand.ReportAsync(load.Result.Errors);
            return null;
        }
        await Console.Error.WriteLineAsync($"dataplane: serving the last good configuration of {lastGood.Path}");
        return load;
    }

    private static string DemoText()
    {
        using var stream = typeof(RunCommand).Assembly.GetManifestResourceStream("DataPlane.Demo.demo.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
