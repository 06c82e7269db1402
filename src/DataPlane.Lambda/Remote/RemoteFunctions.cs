using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Loops;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Lambda.Remote;

/// <summary>
/// The functions that somebody else runs, by name: one whose settings stay equal keeps its counters and credentials
/// through a reload. One per gateway. Any thread.
/// </summary>
public sealed class RemoteFunctions(LoopSet loops, TimeProvider time) : ISnapshotServiceFactory
{
    private readonly Dictionary<CredentialsConfig, CredentialSource> _sources = [];
    private Dictionary<string, RemoteFunction> _current = new(StringComparer.Ordinal);

    /// <summary>Set before the first request.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>Those of the generation that was compiled last.</summary>
    internal IReadOnlyDictionary<string, RemoteFunction> Current => Volatile.Read(ref _current);

    /// <summary>The compiler's thread.</summary>
    public ISnapshotService Create(CompilationContext context)
    {
        var before = _current;
        var functions = new Dictionary<string, RemoteFunction>(StringComparer.Ordinal);
        foreach (var config in context.Config.RemoteFunctions)
        {
            functions[config.Name] = before.TryGetValue(config.Name, out var known) && IsSame(known.Config, config)
                ? known
                : new RemoteFunction(config, SourceOf(config.Credentials), loops.Count, () => Logger);
        }
        Volatile.Write(ref _current, functions);
        return new Nothing();
    }

    private static bool IsSame(RemoteFunctionConfig one, RemoteFunctionConfig other) =>
        (one with { Mark = other.Mark, Endpoint = null }) == (other with { Endpoint = null });

    /// <summary>Null for none. The compiler's thread.</summary>
    internal CredentialSource? SourceOf(CredentialsConfig config)
    {
        if (!config.Signs) return null;
        if (_sources.TryGetValue(config, out var source)) return source;
        source = new CredentialSource(config, time, () => Logger);
        _sources.Add(config, source);
        return source;
    }

    /// <summary>Credentials are looked for when they are needed first; there is nothing to begin or end.</summary>
    private sealed class Nothing : ISnapshotService
    {
        public void Start()
        {
        }

        public void Stop()
        {
        }
    }
}
