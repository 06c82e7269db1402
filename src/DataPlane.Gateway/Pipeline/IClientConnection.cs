using System.Net;
using DataPlane.Gateway.Upstreams;

namespace DataPlane.Gateway.Pipeline;

/// <summary>The connection an exchange came on, for upstreams that are told about it. Loop thread.</summary>
public interface IClientConnection
{
    /// <summary>The client, behind a trusted balancer as well.</summary>
    EndPoint? RemoteEndPoint { get; }

    /// <summary>Where the balancer or the client connected to.</summary>
    EndPoint? LocalEndPoint { get; }

    /// <summary>Upstream connections that speak for this one; made when asked for, and closed with it.</summary>
    OwnConnections OwnConnections { get; }
}
