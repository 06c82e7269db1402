namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// Weights to pick by, in the order of the members, and whether health was ignored for them. Worked out from the
/// configured weights, what health leaves of each endpoint, and the priority groups, by Envoy's rules: a group takes as
/// much of the load as 140 % of its healthy share can carry, the rest spills to the next group; a group whose healthy
/// share is below the panic threshold while the load does not fit anywhere uses all its endpoints.
/// </summary>
public readonly record struct EffectiveWeights(int[] Weights, bool IsPanic)
{
    /// <summary>
    /// How much more than its share a healthy endpoint can carry before load spills to the next group.
    /// </summary>
    private const double Overprovisioning = 1.4;

    /// <summary>What all weights sum to when groups share the load.</summary>
    private const double Scale = 1_000_000;

    /// <summary>
    /// <paramref name="availability"/> is in percent of an endpoint's weight: 0 for one that health takes out, less
    /// than 100 in its slow start. <paramref name="panicThreshold"/> is a share from 0 to 1; 0 never ignores health.
    /// </summary>
    public static EffectiveWeights Of(
        ReadOnlySpan<EndpointMember> members, ReadOnlySpan<int> availability, double panicThreshold)
    {
        var groups = Groups(members, availability);
        double carried = 0;
        foreach (var group in groups)
        {
            group.Load = Math.Min(1 - carried, Overprovisioning * group.Healthy / group.Count);
            carried += group.Load;
        }
        bool isPanic = false;
        if (carried < 1) isPanic = Overload(groups, carried, panicThreshold);
        var weights = new int[members.Length];
        bool isShared = groups.Count(group => group.Load > 0) > 1;
        foreach (var group in groups)
        {
            if (group.Load > 0) Fill(weights, members, availability, group, isShared);
        }
        return new EffectiveWeights(weights, isPanic);
    }

    private static List<PriorityGroup> Groups(ReadOnlySpan<EndpointMember> members, ReadOnlySpan<int> availability)
    {
        var groups = new SortedDictionary<int, PriorityGroup>();
        for (int each = 0; each < members.Length; each++)
        {
            if (members[each].Weight == 0) continue;
            int priority = members[each].Priority;
            if (!groups.TryGetValue(priority, out var group)) groups[priority] = group = new PriorityGroup(priority);
            group.Count++;
            if (availability[each] > 0) group.Healthy++;
        }
        return [.. groups.Values];
    }

    /// <summary>
    /// More load than the healthy endpoints are trusted with: they get it all, or health is ignored. With nobody
    /// healthy the load stays where it belongs, in the first group.
    /// </summary>
    private static bool Overload(List<PriorityGroup> groups, double carried, double panicThreshold)
    {
        bool isPanic = false;
        foreach (var group in groups)
        {
            if (carried > 0) group.Load /= carried;
            else group.Load = group == groups[0] ? 1 : 0;
            group.IsPanic = group.Load > 0 && (double)group.Healthy / group.Count < panicThreshold;
            isPanic |= group.IsPanic;
        }
        return isPanic;
    }

    private static void Fill(
        int[] weights, ReadOnlySpan<EndpointMember> members, ReadOnlySpan<int> availability, PriorityGroup group,
        bool isShared)
    {
        long total = 0;
        for (int each = 0; each < members.Length; each++)
        {
            if (members[each].Priority != group.Priority) continue;
            weights[each] = members[each].Weight * (group.IsPanic ? 100 : availability[each]);
            total += weights[each];
        }
        if (!isShared || total == 0) return;
        for (int each = 0; each < members.Length; each++)
        {
            if (members[each].Priority != group.Priority || weights[each] == 0) continue;
            weights[each] = Math.Max(1, (int)(weights[each] * group.Load * Scale / total));
        }
    }

    private sealed class PriorityGroup(int priority)
    {
        public int Priority => priority;

        public int Count;
        public int Healthy;
        public double Load;
        public bool IsPanic;
    }
}
