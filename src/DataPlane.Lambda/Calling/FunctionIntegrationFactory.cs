using DataPlane.Config;
using DataPlane.Config.Targets;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary><c>to: { function: ... }</c>.</summary>
public sealed class FunctionIntegrationFactory : IIntegrationFactory
{
    private readonly FunctionHost _host;
    private readonly CallScratch[] _scratches;

    public FunctionIntegrationFactory(FunctionHost host, LoopSet loops)
    {
        _host = host;
        _scratches = new CallScratch[loops.Count];
        for (int index = 0; index < loops.Count; index++) _scratches[index] = new CallScratch();
    }

    public string Kind => FunctionTarget.Kind;

    public IIntegration Build(TargetConfig target, RouteConfig route, CompilationContext context)
    {
        var errors = new ConfigErrors();
        FunctionTarget.TryRead(target.Node, route.Id, errors, context.ReferencesOf(route), out var read);
        var function = _host.Functions[read.Function];
        if (read.IsQueued) _host.Compiled!.Queues = true;
        var shared = new FunctionRoute(route, _host.Identity, read.Event);
        return new FunctionIntegration(function, _host, shared, _scratches) { IsQueued = read.IsQueued };
    }
}
