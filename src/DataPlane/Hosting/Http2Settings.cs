using System.Text;
using DataPlane.Config;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DataPlane.Hosting;

/// <summary>
/// What Kestrel's HTTP/2 server is told. Where the data plane has a limit of its own, with a reply and a record, the
/// server's is a wider one behind it, which has to follow when ours is raised.
/// </summary>
internal static class Http2Settings
{
    public static void Apply(KestrelServerOptions kestrel, LimitsConfig limits)
    {
        // One character per octet, as heads are bytes here, and nothing is decoded on the way.
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        // A balancer that ends TLS may say https in cleartext; what else is said, the request's head is judged by.
        kestrel.AllowAlternateSchemes = true;
        Follow(kestrel, limits);
        var server = kestrel.Limits;
        var http2 = limits.Http2;
        server.Http2.MaxStreamsPerConnection = http2.Streams;
        server.Http2.MaxFrameSize = http2.FrameBytes;
        server.Http2.InitialStreamWindowSize = http2.StreamWindow;
        server.Http2.InitialConnectionWindowSize = http2.ConnectionWindow;
        server.Http2.HeaderTableSize = http2.HeaderTableBytes;
        if (http2.PingInterval == TimeSpan.Zero) return;
        server.Http2.KeepAlivePingDelay = http2.PingInterval;
        server.Http2.KeepAlivePingTimeout = http2.PingTimeout;
    }

    /// <summary>
    /// What holds for connections that come from now on; the idle time for those that are there as well. The server
    /// looks each up when it needs it. <c>limits.http2</c> is not among them: it reads one window twice on the way into
    /// a connection, and tells the client of the second. Any thread.
    /// </summary>
    public static void Follow(KestrelServerOptions kestrel, LimitsConfig limits)
    {
        var server = kestrel.Limits;
        server.KeepAliveTimeout = limits.IdleTimeout;
        server.RequestHeadersTimeout = limits.HeadTimeout;
        server.MaxRequestHeadersTotalSize = limits.RequestHeadBytes * 2;
        server.MaxRequestHeaderCount = limits.RequestHeaderCount * 2;
        server.MaxRequestLineSize = limits.RequestHeadBytes * 2;
        // Connections are read through pipes of ours; but it refuses to start with less than a head.
        server.MaxRequestBufferSize = Math.Max(1 << 20, limits.RequestHeadBytes * 2);
        server.MinResponseDataRate = limits.ResponseMinimumRate == 0
            ? null
            : new MinDataRate(limits.ResponseMinimumRate, limits.BodyRateGrace * 2 + TimeSpan.FromSeconds(2));
        server.Http2.MaxRequestHeaderFieldSize = limits.RequestHeadBytes * 2;
    }
}
