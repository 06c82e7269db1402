using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>No choice: one endpoint is in rotation, or none (-1).</summary>
internal sealed class SinglePicker(int index) : IEndpointPicker
{
    public int Pick(Exchange exchange, int attempt) => index;
}
