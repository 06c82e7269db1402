using System.Globalization;
using System.Net;
using DataPlane.Config;
using DataPlane.Lambda.Hosting.Isolation;
using DataPlane.Lambda.Hosting.Processes;
using DataPlane.Lambda.Signing;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// How the environments of a function are started: program, arguments and exactly the variables Lambda sets. Nothing of
/// the gateway's own environment is among them. Immutable.
/// </summary>
internal sealed class FunctionLaunch(FunctionConfig config, FunctionIdentity identity, BootstrapFiles bootstraps)
{
    private const string AccessKey = "AWS_ACCESS_KEY_ID";

    /// <summary>The runtime's bootstrap is ours and speaks over a descriptor that it is given.</summary>
    public bool UsesKeptSocket => config.Command.IsEmpty
        && (config.Runtime is FunctionRuntime.Node or FunctionRuntime.Python || config.IsClassLibrary);

    public ProcessOrder Order(
        IPEndPoint? api, string logStream, int socket, NetworkNamespace? network, SigningCredentials? credentials)
    {
        string program = RuntimePrograms.Find(config) ?? FunctionRuntimes.ProgramOf(config);
        return new ProcessOrder
        {
            Words = Words(program),
            Environment = Variables(program, api, logStream, credentials),
            Folder = config.Code,
            Socket = socket,
            DataBytes = config.Memory + LambdaLimits.ReservedBytes,
            Processes = config.Processes,
            Files = config.Files,
            MemoryBytes = config.Memory,
            Processors = config.Processors,
            ProtectsFolder = config.IsCodeReadOnly,
            Network = network,
            Mark = logStream,
        };
    }

    private IReadOnlyList<string> Words(string program)
    {
        if (!config.Command.IsEmpty) return [program, .. config.Command.Skip(1)];
        long memoryMiB = config.Memory >> 20;
        long heapMiB = Math.Max(16, memoryMiB * 9 / 10);
        long youngMiB = Math.Clamp(memoryMiB / 20, 2, 64);
        return config.Runtime switch
        {
            FunctionRuntime.Node =>
            [
                // Heap bounds as Lambda sets them; one helper thread, because a function has a share of a processor.
                program, string.Create(CultureInfo.InvariantCulture, $"--max-old-space-size={heapMiB}"),
                string.Create(CultureInfo.InvariantCulture, $"--max-semi-space-size={youngMiB}"),
                "--v8-pool-size=1", bootstraps.Node,
            ],
            FunctionRuntime.Python => [program, "-u", bootstraps.Python],
            FunctionRuntime.Dotnet when config.IsClassLibrary =>
            [
                // The newest runtime there is: the bootstrap may need a newer one than the library asks for.
                program, "exec", "--roll-forward", "LatestMajor", "--runtimeconfig", DotnetSettings(),
                bootstraps.Dotnet,
            ],
            FunctionRuntime.Dotnet when File.Exists(Path.Combine(config.Code, config.Handler + ".dll")) =>
                [program, Path.Combine(config.Code, config.Handler + ".dll")],
            FunctionRuntime.Dotnet => [Path.Combine(config.Code, config.Handler)],
            _ => [program],
        };
    }

    private string DotnetSettings()
    {
        string own = Path.Combine(config.Code, FunctionRuntimes.AssemblyOf(config) + ".runtimeconfig.json");
        return File.Exists(own) ? own : bootstraps.DotnetSettings;
    }

    private List<string> Variables(
        string program, IPEndPoint? api, string logStream, SigningCredentials? credentials)
    {
        string folder = Path.GetDirectoryName(program) ?? "/usr/bin";
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_DEFAULT_REGION"] = identity.Region,
            ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = (config.Memory >> 20).ToString(CultureInfo.InvariantCulture),
            ["AWS_LAMBDA_FUNCTION_NAME"] = config.Name,
            ["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST",
            ["AWS_LAMBDA_INITIALIZATION_TYPE"] =
                config.Concurrency.Provisioned > 0 ? "provisioned-concurrency" : "on-demand",
            ["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/" + config.Name,
            ["AWS_LAMBDA_LOG_STREAM_NAME"] = logStream,
            ["AWS_LAMBDA_RUNTIME_API"] = api?.ToString() ?? "",
            ["AWS_REGION"] = identity.Region,
            ["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR",
            ["AWS_XRAY_DAEMON_ADDRESS"] = "127.0.0.1:2000",
            ["LAMBDA_RUNTIME_DIR"] = bootstraps.Folder,
            ["LAMBDA_TASK_ROOT"] = config.Code,
            ["LANG"] = "en_US.UTF-8",
            ["LD_LIBRARY_PATH"] = $"{config.Code}:{config.Code}/lib:/opt/lib",
            ["PATH"] = $"{folder}:/usr/local/bin:/usr/bin:/bin:/opt/bin",
            ["TZ"] = ":UTC",
            ["_AWS_XRAY_DAEMON_ADDRESS"] = "127.0.0.1",
            ["_AWS_XRAY_DAEMON_PORT"] = "2000",
            ["_HANDLER"] = config.Handler,
        };
        if (config.Runtime != FunctionRuntime.Command)
        {
            variables["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + config.RuntimeName;
            variables["PWD"] = config.Code;
            variables["SHLVL"] = "0";
        }
        if (config.Runtime == FunctionRuntime.Node)
            variables["NODE_PATH"] = $"/opt/nodejs/node_modules:{config.Code}/node_modules:{config.Code}";
        if (config.Runtime == FunctionRuntime.Python)
        {
            variables["LC_CTYPE"] = "C.UTF-8";
            variables["PYTHONPATH"] = bootstraps.Folder;
        }
        if (config.Runtime == FunctionRuntime.Dotnet)
        {
            variables["DOTNET_ROOT"] = RootOf(program);
            variables["LAMBDA_RUNTIME_NAME"] = config.RuntimeName;
        }
        if (config.LogsJson)
        {
            variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
            variables["AWS_LAMBDA_LOG_LEVEL"] = "INFO";
        }
        // A function that brings a key of its own does not go with half of another.
        if (credentials is not null && !config.Environment.ContainsKey(AccessKey))
        {
            variables[AccessKey] = credentials.AccessKey;
            variables["AWS_SECRET_ACCESS_KEY"] = credentials.SecretKey;
            if (credentials.Token is { } token) variables["AWS_SESSION_TOKEN"] = token;
        }
        foreach (var (name, value) in config.Environment) variables[name] = value;
        return [.. variables.Select(each => $"{each.Key}={each.Value}")];
    }

    /// <summary>The folder that has the runtimes: the program on the path is a link to it, or starts it.</summary>
    private static string RootOf(string dotnet) =>
        Path.GetDirectoryName(File.ResolveLinkTarget(dotnet, returnFinalTarget: true)?.FullName ?? dotnet) is { } folder
        && Directory.Exists(Path.Combine(folder, "shared"))
            ? folder
            : "/usr/share/dotnet";
}
