using DataPlane.Gateway.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Hosting;

/// <summary>
/// Kestrel, with one application for all its listeners: requests of admin connections go where the host wants them,
/// HTTP/2 requests of clients go to their connection's loop without a context of ASP.NET Core's.
/// </summary>
internal sealed class GatewayServer(IServer kestrel) : IServer
{
    public IFeatureCollection Features => kestrel.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull =>
        kestrel.StartAsync(new SharedApplication<TContext>(application), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => kestrel.StopAsync(cancellationToken);

    public void Dispose() => kestrel.Dispose();

    private sealed class SharedApplication<TAdmin>(IHttpApplication<TAdmin> admin) : IHttpApplication<object>
        where TAdmin : notnull
    {
        public object CreateContext(IFeatureCollection contextFeatures) =>
            ClientStreams.ContextOf(contextFeatures) ?? admin.CreateContext(contextFeatures);

        public Task ProcessRequestAsync(object context) =>
            context is TAdmin request ? admin.ProcessRequestAsync(request) : ClientStreams.ProcessAsync(context);

        public void DisposeContext(object context, Exception? exception)
        {
            if (context is TAdmin request) admin.DisposeContext(request, exception);
        }
    }
}
