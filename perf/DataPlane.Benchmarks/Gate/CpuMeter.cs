using System.Diagnostics;

namespace DataPlane.Benchmarks.Gate;

/// <summary>
/// Processor time per operation instead of wall time: on a machine that others use at the same moment it still means
/// something. Prints the least of several windows for every benchmark whose name contains the filter.
/// </summary>
internal static class CpuMeter
{
    private const int Windows = 5;
    private const int CallsPerRun = 1000;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(400);

    public static int Run(string filter)
    {
        foreach (var type in MeasuredCase.Types)
        {
            foreach (var method in MeasuredCase.MethodsOf(type))
            {
                if (!MeasuredCase.NameOf(type, method).Contains(filter, StringComparison.OrdinalIgnoreCase)) continue;
                foreach (var benchmark in MeasuredCase.Of(type, method))
                {
                    using (benchmark) Console.WriteLine($"{Measure(benchmark),10:F1} ns  {benchmark.Label}");
                }
            }
        }

        return 0;
    }

    private static double Measure(MeasuredCase benchmark)
    {
        var run = AllocationMeter.Bind(benchmark.Instance, benchmark.Method);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < s_warmUp;) run(CallsPerRun);
        var least = double.MaxValue;
        for (var window = 0; window < Windows; window++)
        {
            benchmark.SetUpIteration();
            var start = Environment.CpuUsage.TotalTime;
            long calls = 0;
            while (Environment.CpuUsage.TotalTime - start < s_window)
            {
                run(CallsPerRun);
                calls += CallsPerRun;
            }

            var spent = Environment.CpuUsage.TotalTime - start;
            benchmark.CleanUpIteration();
            least = Math.Min(least, spent.TotalNanoseconds / ((double)calls * benchmark.OperationsPerCall));
        }

        return least;
    }
}
