using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// Chooses among the endpoints of one <see cref="EndpointSet"/>. Made anew with every set, off the hot path; what it
/// remembers between picks is per loop. Loop thread; 0 bytes.
/// </summary>
public interface IEndpointPicker
{
    /// <summary>
    /// Index of an endpoint whose weight is above 0, or -1 when there is none. <paramref name="attempt"/> counts an
    /// exchange's choices: a picker that would give the same answer each time gives another for each attempt.
    /// </summary>
    int Pick(Exchange exchange, int attempt);
}
