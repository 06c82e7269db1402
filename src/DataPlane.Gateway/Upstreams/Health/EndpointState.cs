namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>What is known about an endpoint's fitness.</summary>
public enum EndpointState : byte
{
    /// <summary>Nobody asked yet: it is used like a healthy one.</summary>
    Unknown,
    Healthy,

    /// <summary>Its active checks fail.</summary>
    Unhealthy,

    /// <summary>Left out for a while because of failed exchanges.</summary>
    Ejected,
}
