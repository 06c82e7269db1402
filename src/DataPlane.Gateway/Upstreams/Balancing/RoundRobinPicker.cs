using System.Runtime.InteropServices;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// In turn, by weight: smooth weighted round robin (nginx's algorithm), worked out once. Each loop goes its own round,
/// starting at another place.
/// </summary>
internal sealed class RoundRobinPicker : IEndpointPicker
{
    private readonly byte[] _schedule;
    private readonly Cursor[] _cursors;

    /// <summary>At least one weight is above 0.</summary>
    public RoundRobinPicker(int[] weights, int loopCount)
    {
        _schedule = WeightedSchedule.Build(weights);
        _cursors = new Cursor[loopCount];
        for (int loop = 0; loop < loopCount; loop++) _cursors[loop].Next = loop % _schedule.Length;
    }

    public int Pick(Exchange exchange, int attempt)
    {
        // Further attempts must not take turns: a failing endpoint's neighbour would skip its own, and the failing one
        // would be first again.
        if (attempt > 0) return _schedule[Random.Shared.Next(_schedule.Length)];
        ref int next = ref _cursors[exchange.Loop.Index].Next;
        int picked = _schedule[next];
        next = next + 1 == _schedule.Length ? 0 : next + 1;
        return picked;
    }

    /// <summary>Padded: neighbouring loops must not share a cache line.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cursor
    {
        [FieldOffset(0)]
        public int Next;
    }
}
