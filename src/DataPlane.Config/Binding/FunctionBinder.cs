using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>functions</c>, and looks whether this machine can run them.</summary>
internal sealed class FunctionBinder(
    ConfigEnvironment environment, IReadOnlySet<string> upstreams, ConfigErrors errors)
{
    private const int MostEnvironments = 10_000;
    private const int MostPending = 1_000_000;

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_mostTimeout = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_most = TimeSpan.FromHours(24);

    private readonly CredentialsBinder _credentials = new(errors, "placeholder", "none", "chain");

    private static readonly KeyTable s_concurrencyKeys = new(
        new ConfigKey("provisioned", ValueShape.Integer(0, MostEnvironments), "Environments kept started.")
        {
            Default = "0",
        },
        new ConfigKey("reserved", ValueShape.Integer(0, MostEnvironments),
            "Invocations at once; the next is refused with 429. 0 refuses all. No bound without it."),
        new ConfigKey("maximum", ValueShape.Integer(1, MostEnvironments),
            "Environments there are at most; further invocations wait for the first free one.")
        {
            Default = "32",
        },
        new ConfigKey("pending", ValueShape.Integer(0, MostPending), "Invocations that may wait; 429 beyond.")
        {
            Default = "1024",
        });

    public static KeyTable Keys { get; } = new(
        new ConfigKey("runtime", ValueShape.String,
            "nodejs20.x, python3.12, dotnet8, provided.al2023: who runs the code. Not with command."),
        new ConfigKey("command", ValueShape.Either(ValueShape.String, ValueShape.List(ValueShape.String)),
            "A program that asks the Lambda Runtime API for events itself, with its arguments."),
        new ConfigKey("code", ValueShape.String, "Folder of the code, from the folder of this file.")
        {
            Required = true,
        },
        new ConfigKey("handler", ValueShape.String, "FILE.NAME in the folder, as Lambda writes it."),
        Time("timeout", s_least, s_mostTimeout, "3s", "One invocation."),
        Time("initTimeout", s_least, s_mostTimeout, "10s", "Until an environment asks for its first event."),
        new ConfigKey("memory", ValueShape.Size(16L << 20, (long)FunctionConfig.MostMemoryMiB << 20),
            "Resident memory of an environment.")
        {
            Default = "128MiB",
        },
        new ConfigKey("environment", ValueShape.Map(ValueShape.String), "Variables of the function.")
        {
            Default = "{}",
        },
        CredentialsBinder.KeyOf(
            "What the function calls AWS with; placeholder: words that are worth nothing; chain: the gateway's own.",
            "placeholder", "none", "chain"),
        new ConfigKey("concurrency", ValueShape.Section(s_concurrencyKeys), "How many environments there are.")
        {
            Default = "{}",
        },
        new ConfigKey("async", ValueShape.Section(FunctionAsyncBinder.Keys),
            "What becomes of events whose sender does not wait.")
        {
            Default = "{}",
        },
        Time("idleTimeout", s_least, s_most, "5m", "How long an environment without work is kept."),
        new ConfigKey("maxInvocations", ValueShape.Integer(0, int.MaxValue),
            "Invocations after which an environment is replaced; 0: never.")
        {
            Default = "0",
        },
        Time("maxAge", TimeSpan.Zero, s_most, "0s", "Age after which an environment is replaced; 0s: never."),
        new ConfigKey("processes", ValueShape.Integer(0, 1_000_000),
            "Processes and threads an environment may have; 0: no limit.")
        {
            Default = "0",
        },
        new ConfigKey("files", ValueShape.Integer(16, 1_000_000), "Files a process of the function may have open.")
        {
            Default = "1024",
        },
        new ConfigKey("processors", ValueShape.Number(0, 1024),
            "Processors' worth of time an environment may use, 0.5 for half of one; 0: no limit.")
        {
            Default = "0",
        },
        new ConfigKey("network", ValueShape.Choice("host", "none"),
            "host: the gateway's network; none: nothing but the function itself.")
        {
            Default = "host",
        },
        new ConfigKey("readOnlyCode", ValueShape.Boolean, "The function cannot write to its code.")
        {
            Default = "true",
        },
        new ConfigKey("watch", ValueShape.Boolean, "Files that change replace the environments.") { Default = "true" },
        new ConfigKey("log", ValueShape.Choice("gateway", "off"),
            "Whether what the function writes goes to the gateway's log; the admin listener shows it in any case.")
        {
            Default = "gateway",
        },
        new ConfigKey("logFormat", ValueShape.Choice("text", "json"),
            "How the platform's lines and those of the gateway's bootstraps read.")
        {
            Default = "text",
        });

    /// <summary>One of a function here, or one of a function elsewhere.</summary>
    public static ValueShape Shape { get; } =
        ValueShape.Either(ValueShape.Section(RemoteFunctionBinder.Keys), ValueShape.Section(Keys));

    /// <summary><paramref name="elsewhere"/> gets those that the gateway does not run itself.</summary>
    public ImmutableArray<FunctionConfig> Bind(
        NodeReader root, RemoteFunctionBinder remote, out ImmutableArray<RemoteFunctionConfig> elsewhere)
    {
        var functions = ImmutableArray.CreateBuilder<FunctionConfig>();
        var remotes = ImmutableArray.CreateBuilder<RemoteFunctionConfig>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (PlacedNode entry in root.Mapping("functions"))
        {
            names.Add(entry.Name!.Value);
        }
        var asyncBinder = new FunctionAsyncBinder(new GatewayConfigReferences(upstreams, names, []), errors);
        foreach (PlacedNode entry in root.Mapping("functions"))
        {
            NameRules.Check(entry.Name!, entry.Path, entry.Name!.Value, errors);
            if (RemoteFunctionBinder.Takes(entry.Node)) remotes.Add(remote.Bind(entry));
            else functions.Add(BindFunction(entry, asyncBinder));
        }
        elsewhere = remotes.ToImmutable();
        return functions.ToImmutable();
    }

    private FunctionConfig BindFunction(PlacedNode entry, FunctionAsyncBinder asyncBinder)
    {
        var reader = new NodeReader(entry.Node, entry.Path, Keys, errors);
        NodeReader concurrency = reader.Section("concurrency");
        string folder = Path.GetDirectoryName(entry.Node.Mark.File) ?? "";
        var function = new FunctionConfig
        {
            Name = entry.Name!.Value,
            RuntimeName = reader.OptionalString("runtime") ?? "provided",
            Runtime = FunctionRuntimes.Of(reader.OptionalString("runtime") ?? "provided") ?? FunctionRuntime.Command,
            Code = CodeOf(reader, folder),
            Handler = reader.String("handler"),
            Command = CommandOf(reader),
            Timeout = reader.Duration("timeout"),
            InitTimeout = reader.Duration("initTimeout"),
            Memory = reader.Size("memory"),
            Environment = EnvironmentOf(reader),
            Credentials = CredentialsOf(reader),
            Concurrency = ConcurrencyOf(concurrency),
            Async = asyncBinder.Bind(reader.Section("async")),
            IdleTimeout = reader.Duration("idleTimeout"),
            MaxInvocations = reader.Int("maxInvocations"),
            MaxAge = reader.Duration("maxAge"),
            Processes = reader.Int("processes"),
            Files = reader.Int("files"),
            Processors = reader.Number("processors"),
            HasNoNetwork = reader.Choice("network") == "none",
            IsCodeReadOnly = reader.Bool("readOnlyCode"),
            Watch = reader.Bool("watch"),
            LogsToGateway = reader.Choice("log") == "gateway",
            LogsJson = reader.Choice("logFormat") == "json",
            Mark = entry.Node.Mark,
        };
        if (function.Concurrency.Provisioned > function.Concurrency.Maximum)
        {
            concurrency.Error(
                "provisioned", "is larger than maximum", $"write at most {function.Concurrency.Maximum}");
        }
        if (CheckRuntime(reader, function)) CheckMachine(reader, function);
        return function;
    }

    /// <summary>False when what runs the code is not settled: looking for it would only repeat the error.</summary>
    private static bool CheckRuntime(NodeReader reader, FunctionConfig function)
    {
        bool hasRuntime = reader.Node("runtime") is not null;
        if (!function.Command.IsEmpty)
        {
            if (hasRuntime && function.Runtime != FunctionRuntime.Command)
                reader.Error("command", "does not go with this runtime", "remove one of runtime and command");
            return true;
        }
        if (!hasRuntime)
        {
            reader.Error("runtime", "is required", "write a runtime, such as nodejs20.x, or a command");
            return false;
        }
        if (FunctionRuntimes.Of(function.RuntimeName) is null)
        {
            reader.Error("runtime", $"{ScalarReader.Quoted(reader.Node("runtime")!)} is not a runtime here",
                "write nodejs20.x, python3.12, dotnet8, provided.al2023, or a command instead");
            return false;
        }
        if (function.Runtime == FunctionRuntime.Command || HandlerProblem(function) is not { } problem) return true;
        reader.Error("handler", problem.Message, problem.Fix);
        return false;
    }

    private static Problem? HandlerProblem(FunctionConfig function)
    {
        if (function.Runtime == FunctionRuntime.Dotnet)
        {
            string[] parts = function.Handler.Split("::");
            return parts.Length is 1 or 3 && parts.All(part => part.Length > 0)
                ? null
                : new Problem(
                    "is neither Assembly::Type::Method nor the name of an executable assembly",
                    "write one of them: Orders::Orders.Function::HandleAsync, or Orders");
        }
        int dot = function.Handler.LastIndexOf('.');
        return dot > 0 && dot < function.Handler.Length - 1
            ? null
            : new Problem("is not FILE.NAME", "write the file without its ending and what it exports: index.handler");
    }

    private void CheckMachine(NodeReader reader, FunctionConfig function)
    {
        // Text without a machine around it, as an editor has it, can still be checked for everything else.
        if (environment.HasFile is not { } hasFile || environment.HasFolder is not { } hasFolder) return;
        if (!hasFolder(function.Code))
        {
            reader.Error("code", $"there is no folder {function.Code}", "create it, or correct the path");
            return;
        }
        if (FunctionRuntimes.FilesOf(function) is { Count: > 0 } files && !files.Any(hasFile))
        {
            reader.Error(
                function.Runtime == FunctionRuntime.Command ? "code" : "handler",
                $"there is no {string.Join(" or ", files.Select(Path.GetFileName))} in {function.Code}",
                "create the file, or correct the name");
        }
        if (FunctionRuntimes.FindProgram(function, environment) is null)
        {
            string key = function.Command.IsEmpty ? "runtime" : "command";
            reader.Error(
                key, $"this machine has no {FunctionRuntimes.ProgramOf(function)}",
                FunctionRuntimes.PackageOf(function) is { } package
                    ? $"install it: apt-get install {package}"
                    : "install it, or correct the path");
        }
    }

    private static string CodeOf(NodeReader reader, string folder)
    {
        string written = reader.String("code");
        if (!written.Contains('\0')) return Path.GetFullPath(Path.Combine(folder.Length == 0 ? "." : folder, written));
        reader.Error("code", "contains a zero byte", "remove it");
        return "/";
    }

    private ImmutableArray<string> CommandOf(NodeReader reader)
    {
        if (reader.Node("command") is ScalarNode)
            return reader.OptionalString("command") is { Length: > 0 } program ? [program] : [];
        var words = ImmutableArray.CreateBuilder<string>();
        foreach (PlacedNode item in reader.List("command"))
        {
            if (ScalarReader.TryText(item.Node, item.Path, errors, out string word)) words.Add(word);
        }
        return words.ToImmutable();
    }

    private ImmutableSortedDictionary<string, string> EnvironmentOf(NodeReader reader)
    {
        var variables = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (PlacedNode entry in reader.Mapping("environment"))
        {
            string name = entry.Name!.Value;
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                errors.Add(entry.Name, entry.Path, $"{entry.Name.Quoted} is not the name of a variable",
                    "use letters, digits and '_'");
            }
            if (FunctionRuntimes.IsReserved(name))
            {
                errors.Add(entry.Name, entry.Path, $"{entry.Name.Quoted} is set by the runtime itself", "remove it");
            }
            if (entry.Node is ScalarNode { Value: var value })
            {
                if (value.Contains('\0')) errors.Add(entry.Node, entry.Path, "contains a zero byte", "remove it");
                variables[name] = value;
            }
            else
            {
                errors.Add(entry.Node, entry.Path, $"is {entry.Node.Description}", "write a single value");
            }
        }
        return variables.ToImmutable();
    }

    private CredentialsConfig? CredentialsOf(NodeReader reader) => _credentials.Bind(reader, out var written) switch
    {
        "placeholder" => null,
        "none" => written with { Signs = false },
        _ => written,
    };

    private static FunctionConcurrencyConfig ConcurrencyOf(NodeReader reader) => new()
    {
        Provisioned = reader.Int("provisioned"),
        Reserved = reader.Node("reserved") is null ? null : reader.Int("reserved"),
        Maximum = reader.Int("maximum"),
        Pending = reader.Int("pending"),
    };

    private static ConfigKey Time(string name, TimeSpan least, TimeSpan most, string standard, string summary) =>
        new(name, ValueShape.Duration(least, most), summary) { Default = standard };
}
