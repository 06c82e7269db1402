using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace DataPlane.Benchmarks.Gate;

/// <summary>
/// Compares every benchmark's bytes per operation with <c>perf/budgets.json</c>. Bytes are the same on every machine
/// and may fail a build; time is not and never does.
/// </summary>
internal static class AllocationGate
{
    // One stray object in a batch is not an allocation per operation; half a byte per operation is.
    private const double ToleranceBytes = 0.5;

    /// <summary>Prints one line per benchmark; 0 when all keep their budgets.</summary>
    public static int Run(string budgetFile)
    {
        if (!CheckMeter())
            return 1;
        var budgets = JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(budgetFile))!;
        var failures = 0;
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var type in MeasuredCase.Types)
        {
            foreach (var method in MeasuredCase.MethodsOf(type))
            {
                var name = MeasuredCase.NameOf(type, method);
                known.Add(name);
                if (budgets.TryGetValue(name, out var budget))
                    failures += TryMeasureAll(type, method, budget);
                else
                    failures += Fail(name, "has no budget");
            }
        }

        failures += budgets.Keys.Where(name => !known.Contains(name)).Sum(name => Fail(name, "is no benchmark"));
        Console.WriteLine($"allocation gate: {known.Count} benchmarks, {failures} failures");
        return failures == 0 ? 0 : 1;
    }

    /// <summary>A setup that throws fails its own benchmark and leaves the others to be measured.</summary>
    private static int TryMeasureAll(Type type, MethodInfo method, double budget)
    {
        try
        {
            return MeasureAll(type, method, budget);
        }
        catch (Exception error)
        {
            return Fail(MeasuredCase.NameOf(type, method), error.ToString());
        }
    }

    private static int MeasureAll(Type type, MethodInfo method, double budget)
    {
        var failures = 0;
        foreach (var benchmark in MeasuredCase.Of(type, method))
        {
            using (benchmark)
            {
                var bytes = AllocationMeter.Measure(benchmark);
                var figures = string.Create(CultureInfo.InvariantCulture, $"{bytes:0.0} of {budget:0} B/operation");
                if (bytes > budget + ToleranceBytes)
                    failures += Fail(benchmark.Label, figures);
                else
                    Console.WriteLine($"ok    {benchmark.Label}: {figures}");
            }
        }

        return failures;
    }

    private static int Fail(string name, string why)
    {
        Console.WriteLine($"FAIL  {name}: {why}");
        return 1;
    }

    /// <summary>A meter that always reads zero would pass everything, so it has to see an object first.</summary>
    private static bool CheckMeter()
    {
        var type = typeof(KnownAllocation);
        using var known = MeasuredCase.Of(type, type.GetMethod(nameof(KnownAllocation.Allocate))!).Single();
        var bytes = AllocationMeter.Measure(known);
        if (Math.Abs(bytes - KnownAllocation.Bytes) <= ToleranceBytes)
            return true;
        Console.WriteLine($"FAIL  the meter reads {bytes:0.0} B where {KnownAllocation.Bytes} B are allocated");
        return false;
    }
}
