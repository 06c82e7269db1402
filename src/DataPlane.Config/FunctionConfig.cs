using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>A function that the gateway runs itself, in processes of its own.</summary>
public sealed record FunctionConfig
{
    public const int MostMemoryMiB = 10_240;

    public required string Name { get; init; }

    /// <summary>As written, such as <c>nodejs20.x</c>; <c>provided</c> for a bare <c>command</c>.</summary>
    public required string RuntimeName { get; init; }

    public required FunctionRuntime Runtime { get; init; }

    /// <summary>The folder of the code, absolute when it could be resolved.</summary>
    public required string Code { get; init; }

    /// <summary>As Lambda writes it, such as <c>index.handler</c>; may be empty for commands.</summary>
    public string Handler { get; init; } = "";

    /// <summary>The handler is <c>Assembly::Type::Method</c>, and the gateway's bootstrap calls it.</summary>
    public bool IsClassLibrary =>
        Runtime == FunctionRuntime.Dotnet && Command.IsEmpty && Handler.Contains("::", StringComparison.Ordinal);

    /// <summary>What is started instead of a runtime, with its arguments; empty for none.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>One invocation, from its event to its answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>From the start of an environment until it asks for its first event.</summary>
    public TimeSpan InitTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of resident memory that an environment with all its processes may have.</summary>
    public long Memory { get; init; } = 128L << 20;

    /// <summary>By name. Nothing else of the gateway's own environment is passed on.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Null for placeholders.</summary>
    public CredentialsConfig? Credentials { get; init; }

    public FunctionConcurrencyConfig Concurrency { get; init; } = new();

    /// <summary>Not in <see cref="Fingerprint"/>: no environment knows of it.</summary>
    public FunctionAsyncConfig Async { get; init; } = new();

    /// <summary>How long an environment beyond the provisioned ones is kept without work.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Invocations after which an environment is replaced; 0 for never.</summary>
    public int MaxInvocations { get; init; }

    /// <summary>Age after which an environment is replaced; zero for never.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Processes that a function's user may have at once, with all its environments; 0 for no limit.</summary>
    public int Processes { get; init; }

    /// <summary>Files that each process may have open.</summary>
    public int Files { get; init; } = 1024;

    /// <summary>Processors' worth of time that an environment may use; 0 for no bound.</summary>
    public double Processors { get; init; }

    /// <summary>Its processes reach nothing but themselves.</summary>
    public bool HasNoNetwork { get; init; }

    /// <summary>Its processes cannot write to <see cref="Code"/>, where the machine permits that.</summary>
    public bool IsCodeReadOnly { get; init; } = true;

    /// <summary>Changed files replace the environments.</summary>
    public bool Watch { get; init; } = true;

    /// <summary>What the function writes goes to the gateway's log as well.</summary>
    public bool LogsToGateway { get; init; } = true;

    /// <summary>The log is lines of JSON, the platform's and those of the bootstraps.</summary>
    public bool LogsJson { get; init; }

    public SourceMark Mark { get; init; } = new("", 1, 1);

    /// <summary>The same for equal settings: an unchanged function goes on through a reload.</summary>
    public string Fingerprint => string.Join('\u001f',
    [
        Name, RuntimeName, Code, Handler, string.Join('\u001e', Command), $"{Timeout}", $"{InitTimeout}", $"{Memory}",
        string.Join('\u001e', Environment.Select(each => $"{each.Key}={each.Value}")), $"{Concurrency}",
        $"{IdleTimeout}", $"{MaxInvocations}", $"{MaxAge}", $"{Processes}", $"{Files}", $"{Watch}", $"{LogsToGateway}",
        $"{LogsJson}",
        $"{Processors}", $"{HasNoNetwork}", $"{IsCodeReadOnly}", $"{Credentials}", $"{Credentials?.SecretKey}",
        $"{Credentials?.SessionToken}",
    ]);
}
