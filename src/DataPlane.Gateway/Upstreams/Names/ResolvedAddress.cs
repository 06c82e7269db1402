using System.Net;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>One address a name stands for.</summary>
/// <param name="EndPoint">Where it is; port 0 where the name says nothing about ports.</param>
/// <param name="Priority">Of an SRV record; the lowest is used first. 0 otherwise.</param>
/// <param name="Weight">Of an SRV record, 0 to 65535; 0 otherwise.</param>
public readonly record struct ResolvedAddress(IPEndPoint EndPoint, int Priority = 0, int Weight = 0);
