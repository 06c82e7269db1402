namespace DataPlane.Config.Reading;

/// <summary>Finds the known name an operator most likely meant.</summary>
internal static class NearestName
{
    /// <summary>
    /// The fix for an unknown name: the nearest known one, or the list of all when none is near. Case, dashes and
    /// underscores do not count as differences, so <c>idle_timeout</c> finds <c>idleTimeout</c>.
    /// </summary>
    public static string Suggest(string name, IEnumerable<string> known, string what)
    {
        if (Find(name, known) is { } nearest) return $"did you mean '{nearest}'?";
        var names = known.Take(Limits.ListedNames + 1).ToList();
        return names.Count switch
        {
            0 => $"there are no {what}",
            > Limits.ListedNames => $"known {what} are: {string.Join(", ", names.Take(Limits.ListedNames))}, ...",
            _ => $"known {what} are: {string.Join(", ", names)}",
        };
    }

    public static string? Find(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > Limits.SuggestedNameLength) return null;
        string wanted = Plain(name);
        // A third of the letters wrong is still a slip; more, or all of them, is another word.
        int best = Math.Min(Math.Max(1, wanted.Length / 3) + 1, wanted.Length);
        string? nearest = null;
        foreach (string candidate in known.Take(Limits.ComparedNames))
        {
            if (Math.Abs(candidate.Length - name.Length) > best + 2) continue;
            int distance = Distance(wanted, Plain(candidate));
            if (distance >= best) continue;
            best = distance;
            nearest = candidate;
        }
        return nearest;
    }

    private static string Plain(string name) => name
        .Replace("-", "", StringComparison.Ordinal)
        .Replace("_", "", StringComparison.Ordinal)
        .ToLowerInvariant();

    // Optimal string alignment: a swap of neighbours counts once, as it does for a typist. Three rows of the table
    // are enough for that. Both names are bounded: the wanted one by its limit, the others by their distance from it.
    private static int Distance(string a, string b)
    {
        int width = b.Length + 1;
        Span<int> rows = stackalloc int[3 * width];
        Span<int> beforeLast = rows[..width], last = rows[width..(2 * width)], row = rows[(2 * width)..];
        for (int j = 0; j < width; j++) last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j < width; j++)
            {
                int replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int distance = Math.Min(replaced, Math.Min(last[j], row[j - 1]) + 1);
                bool isSwap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                row[j] = isSwap ? Math.Min(distance, beforeLast[j - 2] + 1) : distance;
            }
            Span<int> free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return last[b.Length];
    }
}
