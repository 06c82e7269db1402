using DataPlane.Http;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Where a request went and what its path captured. One per exchange, reused. Ranges point into the canonical path
/// given to the match.
/// </summary>
public sealed class RouteMatch
{
    /// <summary>Parameters a path template may have; the configuration refuses more.</summary>
    public const int MaxCaptures = 16;

    private readonly ByteRange[] _captures = new ByteRange[MaxCaptures];

    public Route? Route { get; set; }

    /// <summary>After MethodNotAllowed: the value of Allow, prerendered.</summary>
    public byte[]? Allow { get; set; }

    /// <summary>In the order of the route's parameters, from left to right.</summary>
    public ReadOnlySpan<ByteRange> Captures => _captures.AsSpan(0, Count);

    public int Count { get; private set; }

    public void Push(ByteRange capture) => _captures[Count++] = capture;

    public void Pop(int count) => Count = count;

    public void Reset()
    {
        Route = null;
        Allow = null;
        Count = 0;
    }
}
