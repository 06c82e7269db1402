using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// The application of Kestrel's HTTP/2 server: hands each stream to its connection's loop, without a context of ASP.NET
/// Core's. Any thread.
/// </summary>
public sealed class ClientStreams : IHttpApplication<object>
{
    /// <summary>The stream's context, made at its first request and kept by Kestrel for the next ones.</summary>
    public object CreateContext(IFeatureCollection contextFeatures)
    {
        var container = contextFeatures as IHostContextContainer<object>;
        if (container?.HostContext is { } kept) return kept;
        // The features of a stream include those of its connection.
        var stream = contextFeatures.GetRequiredFeature<Http2Connection>().CreateStream(contextFeatures);
        if (container is not null) container.HostContext = stream;
        return stream;
    }

    public Task ProcessRequestAsync(object context) => ((Http2Stream)context).ProcessAsync();

    public void DisposeContext(object context, Exception? exception)
    {
    }
}
