using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;
using DataPlane.Lambda.Calling;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Remote;
using TransportKind = DataPlane.Gateway.Transport.TransportKind;

namespace DataPlane.Hosting;

/// <summary>Compiles a configuration for questions about it: nothing is opened, resolved or started.</summary>
internal static class OfflineCompilation
{
    public static T Run<T>(GatewayConfig config, Func<GatewaySnapshot, EventLoop, T> ask)
    {
        var time = TimeProvider.System;
        using var transport = TransportChoice.Create(TransportKind.Sockets, loops: 1, time);
        var remote = new RemoteFunctions(transport.Loops, time);
        using var functions = new FunctionHost(transport.Loops, remote);
        var compiler = new SnapshotCompiler(
            [
                .. SnapshotCompiler.BuiltInIntegrations,
                new FunctionIntegrationFactory(functions, remote, transport.Loops),
            ],
            SnapshotCompiler.BuiltInPolicies, transport.Connector, transport.Loops, time)
        {
            Services = [functions, remote],
        };
        return ask(compiler.Compile(config, effectiveJson: ""), transport.Loops[0]);
    }
}
