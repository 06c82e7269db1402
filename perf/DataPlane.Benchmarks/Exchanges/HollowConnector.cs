using System.Net;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>Every address answers, at once.</summary>
internal sealed class HollowConnector : IUpstreamConnector
{
    public int Connects { get; private set; }

    /// <summary>The connection opened last.</summary>
    public HollowConnection Last { get; private set; } = null!;

    public ValueTask<ConnectResult> ConnectAsync(EndPoint address, EventLoop loop, int timeoutMs)
    {
        Connects++;
        Last = new HollowConnection(loop, address);
        return new ValueTask<ConnectResult>(new ConnectResult(Last, ConnectFault.None));
    }
}
