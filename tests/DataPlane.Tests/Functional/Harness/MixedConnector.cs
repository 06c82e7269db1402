using System.Net;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.InMemory;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>Addresses of the documentation's network are in memory, all others are real.</summary>
internal sealed class MixedConnector(InMemoryConnector memory, IUpstreamConnector sockets) : IUpstreamConnector
{
    /// <summary>TEST-NET-3 (RFC 5737): nobody is there.</summary>
    public static readonly IPAddress MemoryAddress = IPAddress.Parse("203.0.113.1");

    public ValueTask<ConnectResult> ConnectAsync(EndPoint address, EventLoop loop, int timeoutMs) =>
        address is IPEndPoint { Address: var ip } && ip.Equals(MemoryAddress)
            ? memory.ConnectAsync(address, loop, timeoutMs)
            : sockets.ConnectAsync(address, loop, timeoutMs);
}
