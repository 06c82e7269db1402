using DataPlane.Config;
using DataPlane.Config.Targets;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Remote;

namespace DataPlane.Lambda.Calling;

/// <summary><c>to: { function: ... }</c>.</summary>
public sealed class FunctionIntegrationFactory : IIntegrationFactory
{
    private readonly FunctionHost _host;
    private readonly RemoteFunctions _remote;
    private readonly CallScratch[] _scratches;
    private readonly RemoteRequest[] _requests;

    public FunctionIntegrationFactory(FunctionHost host, RemoteFunctions remote, LoopSet loops)
    {
        _host = host;
        _remote = remote;
        _scratches = new CallScratch[loops.Count];
        _requests = new RemoteRequest[loops.Count];
        for (int index = 0; index < loops.Count; index++)
        {
            _scratches[index] = new CallScratch();
            _requests[index] = new RemoteRequest();
        }
    }

    public string Kind => FunctionTarget.Kind;

    public IIntegration Build(TargetConfig target, RouteConfig route, CompilationContext context)
    {
        var read = (FunctionTarget)target.Settings;
        var shared = new FunctionRoute(route, _host.Identity, read);
        if (_remote.Current.TryGetValue(read.Function, out var remote))
        {
            var upstream = context.Upstreams[remote.Config.Upstream];
            return new RemoteIntegration(remote, upstream, _host, shared, _scratches, _requests)
            {
                IsQueued = read.IsQueued,
            };
        }
        var function = _host.Functions[read.Function];
        if (read.IsQueued) _host.Compiled!.Queues = true;
        return new FunctionIntegration(function, _host, shared, _scratches) { IsQueued = read.IsQueued };
    }
}
