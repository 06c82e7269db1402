namespace DataPlane.Commands;

/// <summary>Reads <c>--set KEY=VALUE</c>.</summary>
internal static class Overrides
{
    public static bool TryParse(string[] sets, out Dictionary<string, string> overrides, out string problem)
    {
        overrides = new Dictionary<string, string>(StringComparer.Ordinal);
        problem = "";
        foreach (string set in sets)
        {
            int equals = set.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problem = $"--set {set}: write KEY=VALUE, such as --set limits.idleTimeout=30s";
                return false;
            }
            overrides[set[..equals]] = set[(equals + 1)..];
        }
        return true;
    }
}
