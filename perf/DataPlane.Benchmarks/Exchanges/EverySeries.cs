using DataPlane.Gateway.Recording;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>A configuration that has every route and endpoint.</summary>
internal sealed class EverySeries : ISeriesScope
{
    public void Refresh()
    {
        // Nothing changes.
    }

    public bool HasRoute(int stateIndex) => true;

    public bool HasEndpoint(int stateIndex) => true;
}
