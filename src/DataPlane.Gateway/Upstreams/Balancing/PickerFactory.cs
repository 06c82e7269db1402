using DataPlane.Config;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// Makes the pickers of one upstream, by the method its configuration chose. Any thread; cold.
/// </summary>
public sealed class PickerFactory(LoadBalancingMethod method, int loopCount)
{
    public IEndpointPicker Create(IReadOnlyList<EndpointMember> members, int[] weights)
    {
        var inRotation = Enumerable.Range(0, weights.Length).Where(each => weights[each] > 0).ToArray();
        if (inRotation.Length <= 1) return new SinglePicker(inRotation.Length == 0 ? -1 : inRotation[0]);
        return method switch
        {
            _ => new RoundRobinPicker(weights, loopCount),
        };
    }
}
