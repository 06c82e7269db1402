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
        // A third of the letters wrong is still a slip; more is another word.
        int best = Math.Max(1, wanted.Length / 3) + 1;
        string? nearest = null;
        foreach (string candidate in known)
        {
            if (Math.Abs(candidate.Length - name.Length) > best + 2) continue;
            int distance = Distance(wanted, Plain(candidate));
            if (distance >= best) continue;
            best = distance;
            nearest = candidate;
        }
        return nearest;
    }

    private static string Plain(string name) =>
        string.Concat(name.Where(c => c is not ('-' or '_'))).ToLowerInvariant();

    // Optimal string alignment: a swap of neighbours counts once, as it does for a typist.
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int distance = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                rows[i, j] = swapped ? Math.Min(distance, rows[i - 2, j - 2] + 1) : distance;
            }
        }
        return rows[a.Length, b.Length];
    }
}
