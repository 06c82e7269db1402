namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// One turn of smooth weighted round robin, worked out beforehand: picking the next endpoint is one array read. Weights
/// are divided by their greatest common divisor, then scaled down to <see cref="Limits.ScheduleSteps"/> if need be.
/// </summary>
internal static class WeightedSchedule
{
    /// <summary>Index of an endpoint per step; empty when every weight is 0.</summary>
    public static byte[] Build(ReadOnlySpan<int> weights)
    {
        var scaled = Scale(weights);
        int total = scaled.Sum();
        var schedule = new byte[total];
        var current = new int[scaled.Length];
        for (int step = 0; step < total; step++)
        {
            int best = -1;
            for (int each = 0; each < scaled.Length; each++)
            {
                current[each] += scaled[each];
                if (scaled[each] > 0 && (best < 0 || current[each] > current[best])) best = each;
            }
            current[best] -= total;
            schedule[step] = (byte)best;
        }
        return schedule;
    }

    private static int[] Scale(ReadOnlySpan<int> weights)
    {
        int divisor = 0;
        long total = 0;
        foreach (int weight in weights)
        {
            divisor = GreatestCommonDivisor(divisor, weight);
            total += weight;
        }
        var scaled = new int[weights.Length];
        if (total == 0) return scaled;
        total /= divisor;
        for (int each = 0; each < weights.Length; each++)
        {
            int weight = weights[each] / divisor;
            // A tiny share still gets its turn: an operator who wrote 1 of 10,000 means not never.
            scaled[each] = total <= Limits.ScheduleSteps || weight == 0
                ? weight
                : (int)Math.Max(1, (weight * (long)Limits.ScheduleSteps + total / 2) / total);
        }
        return scaled;
    }

    private static int GreatestCommonDivisor(int left, int right)
    {
        while (right != 0) (left, right) = (right, left % right);
        return left;
    }
}
