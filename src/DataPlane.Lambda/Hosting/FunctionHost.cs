using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Loops;
using DataPlane.Lambda.Hosting.Isolation;
using DataPlane.Lambda.Hosting.Processes;
using DataPlane.Lambda.Queue;
using DataPlane.Lambda.Remote;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// All hosted functions of the process, by their names and settings: a function whose settings stay equal goes on
/// through a reload with its warm environments. One per gateway. Any thread.
/// </summary>
public sealed class FunctionHost : ISnapshotServiceFactory, IDisposable
{
    private readonly Dictionary<string, HostedFunction> _functions = new(StringComparer.Ordinal);
    private readonly InvocationPool[] _pools;
    private readonly LoopSet _loops;
    private readonly Lock _lock = new();
    private FunctionGeneration? _current;
    private volatile bool _isEnding;

    public FunctionHost(LoopSet loops, RemoteFunctions remote)
    {
        _loops = loops;
        Remote = remote;
        Caller = new RemoteCaller(remote, Clients, loops[0]);
        Keeper = new ProcessKeeper(new IsolationMeans(lacks => FunctionMessages.NotIsolated(Logger, lacks)));
        Queue = new EventQueue(this, loops[0]);
        _pools = new InvocationPool[loops.Count];
        for (int index = 0; index < loops.Count; index++) _pools[index] = new InvocationPool(loops[index]);
    }

    public FunctionIdentity Identity { get; } = FunctionIdentity.FromEnvironment();

    /// <summary>Set before the first function starts.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>The functions of the generation that was compiled last, by name.</summary>
    public IReadOnlyDictionary<string, HostedFunction> Functions =>
        Volatile.Read(ref _current)?.Functions ?? new Dictionary<string, HostedFunction>(StringComparer.Ordinal);

    /// <summary>The generation that was compiled last.</summary>
    internal FunctionGeneration? Compiled => Volatile.Read(ref _current);

    /// <summary>Events whose senders do not wait.</summary>
    public EventQueue Queue { get; }

    /// <summary>Functions that somebody else runs.</summary>
    internal RemoteFunctions Remote { get; }

    internal EndpointClients Clients { get; } = new();

    internal RemoteCaller Caller { get; }

    internal ProcessKeeper Keeper { get; }

    internal BootstrapFiles Bootstraps { get; } = new();

    /// <summary>Processes that have not ended.</summary>
    public int Processes => Keeper.Count;

    public ISnapshotService Create(CompilationContext context)
    {
        lock (_lock)
        {
            var functions = context.Config.Functions.ToDictionary(
                each => each.Name, Find, StringComparer.Ordinal);
            var targets = new QueueTargets(
                context.Config.Queue, functions,
                context.Config.Functions.ToDictionary(each => each.Name, each => each.Async, StringComparer.Ordinal),
                context.Upstreams);
            var generation = new FunctionGeneration(this, functions, targets);
            Volatile.Write(ref _current, generation);
            return generation;
        }
    }

    /// <summary>An invocation for an exchange of this loop. Loop thread.</summary>
    public Invocation Rent(EventLoop loop) => _pools[loop.Index].Rent();

    /// <summary>Ends every process of every function, and waits until they are gone.</summary>
    public void Dispose()
    {
        _isEnding = true;
        lock (_lock)
        {
            foreach (var function in _functions.Values) function.EndWatch();
        }
        Queue.Dispose();
        Clients.Dispose();
        Keeper.Dispose();
        Bootstraps.Dispose();
    }

    internal void Tell(HostedFunction function, string lines)
    {
        if (!function.Config.LogsToGateway) return;
        foreach (var line in lines.AsSpan().EnumerateLines())
        {
            if (!line.IsEmpty) FunctionMessages.Line(Logger, function.Name, line.ToString());
        }
    }

    /// <summary><paramref name="errorType"/> is null for a start that took too long. Function's loop.</summary>
    internal void TellFailedStart(
        HostedFunction function, InvocationOutcome outcome, string? errorType, string reason, double initMs)
    {
        // It was killed on the way down: that is no failure of the function's.
        if (_isEnding) return;
        // What the runtime has told itself stands in the log already.
        if (outcome == InvocationOutcome.Exited && !function.Log.IsJson)
            function.Log.Line(reason.ReplaceLineEndings(" ") + "\n");
        function.Log.InitReport(initMs, outcome, errorType);
        if (function.Config.LogsToGateway) FunctionMessages.FailedStart(Logger, function.Name, reason);
    }

    /// <summary>No generation uses it: should one come again, it starts anew.</summary>
    internal void Remove(HostedFunction function)
    {
        lock (_lock) _functions.Remove(function.Config.Fingerprint);
    }

    private HostedFunction Find(FunctionConfig config)
    {
        string key = config.Fingerprint;
        if (_functions.TryGetValue(key, out var function)) return function;
        var source = config.Credentials is { } written ? Remote.SourceOf(written) : null;
        var credentials = new FunctionCredentials(config.Credentials, source);
        function = new HostedFunction(this, config, credentials, _loops[LoopOf(config.Name)]);
        _functions.Add(key, function);
        return function;
    }

    /// <summary>Any loop will do, but the same one for a name: stable over reloads and spread over names.</summary>
    private int LoopOf(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name) hash = (hash ^ c) * 16777619;
        return (int)(hash % (uint)_loops.Count);
    }
}
