using System.Net;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Transport;

/// <summary>Opens connections to upstream endpoints on a given loop.</summary>
public interface IUpstreamConnector
{
    /// <summary>
    /// Connects to an IP or unix socket address. Loop thread; completes on the loop. Never throws for what the network
    /// does: the result says it. Gives up after <paramref name="timeoutMs"/>.
    /// </summary>
    ValueTask<ConnectResult> ConnectAsync(EndPoint address, EventLoop loop, int timeoutMs);
}
