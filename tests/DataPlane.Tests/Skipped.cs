namespace DataPlane.Tests;

/// <summary>
/// Tests that this machine cannot run say so in one line. The runner swallows what they write on the console, so
/// <c>tests/run</c> names a file for it.
/// </summary>
internal static class Skipped
{
    private static readonly string? s_file = Environment.GetEnvironmentVariable("DATAPLANE_TESTS_SKIPPED");
    private static readonly Lock s_appending = new();

    public static void Say(string why)
    {
        Console.WriteLine($"skipped: {why}");
        if (string.IsNullOrEmpty(s_file)) return;
        lock (s_appending) File.AppendAllText(s_file, $"skipped: {why}\n");
    }
}
