using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Connections;

/// <summary>The door for Kestrel's HTTP/2 streams: what its application does for those of clients. Any thread.</summary>
public static class ClientStreams
{
    /// <summary>The stream's context, made at its first request and kept by Kestrel; null when it is no client's.</summary>
    public static object? ContextOf(IFeatureCollection features)
    {
        // The features of a stream include those of its connection.
        if (features.Get<Http2Connection>() is not { } connection) return null;
        if (features is not IHostContextContainer<object> container) return connection.CreateStream(features);
        return container.HostContext ??= connection.CreateStream(features);
    }

    /// <summary>Handles the request of a context; done when its response may be ended.</summary>
    public static Task ProcessAsync(object context) => ((Http2Stream)context).ProcessAsync();
}
