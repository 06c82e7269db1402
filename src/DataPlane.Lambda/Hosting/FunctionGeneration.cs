using DataPlane.Gateway.Compilation;

namespace DataPlane.Lambda.Hosting;

/// <summary>The functions of one configuration. Any thread.</summary>
public sealed class FunctionGeneration(
    FunctionHost host, IReadOnlyDictionary<string, HostedFunction> functions) : ISnapshotService
{
    private int _isServing;

    public IReadOnlyDictionary<string, HostedFunction> Functions => functions;

    public void Start()
    {
        if (Interlocked.Exchange(ref _isServing, 1) != 0) return;
        foreach (var function in functions.Values) function.Enter();
    }

    public void Stop()
    {
        if (Interlocked.Exchange(ref _isServing, 0) == 0) return;
        foreach (var function in functions.Values)
        {
            if (function.Leave()) host.Remove(function);
        }
    }
}
