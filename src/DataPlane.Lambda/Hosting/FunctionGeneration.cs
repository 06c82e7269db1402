using DataPlane.Gateway.Compilation;
using DataPlane.Lambda.Queue;

namespace DataPlane.Lambda.Hosting;

/// <summary>The functions of one configuration. Any thread.</summary>
public sealed class FunctionGeneration : ISnapshotService
{
    private readonly FunctionHost _host;
    private readonly QueueTargets _targets;
    private int _isServing;

    internal FunctionGeneration(
        FunctionHost host, IReadOnlyDictionary<string, HostedFunction> functions, QueueTargets targets)
    {
        _host = host;
        _targets = targets;
        Functions = functions;
    }

    public IReadOnlyDictionary<string, HostedFunction> Functions { get; }

    /// <summary>Routes of it queue their events. While it is compiled.</summary>
    internal bool Queues { get; set; }

    public void Start()
    {
        if (Interlocked.Exchange(ref _isServing, 1) != 0) return;
        foreach (var function in Functions.Values) function.Enter();
        _host.Clients.Follow(_targets.Upstreams);
        _host.Queue.Follow(_targets, Queues);
    }

    public void Stop()
    {
        if (Interlocked.Exchange(ref _isServing, 0) == 0) return;
        foreach (var function in Functions.Values)
        {
            if (function.Leave()) _host.Remove(function);
        }
    }
}
