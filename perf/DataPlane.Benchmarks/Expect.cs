namespace DataPlane.Benchmarks;

/// <summary>
/// A benchmark that measures a wrong answer measures nothing: setups ask here before anything is timed.
/// </summary>
internal static class Expect
{
    public static void That(bool isTrue, string what)
    {
        if (!isTrue) throw new InvalidOperationException($"not so: {what}");
    }

    public static void Same<T>(T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new InvalidOperationException($"{actual} is not {expected}");
    }
}
