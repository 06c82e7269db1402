using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using DataPlane.Benchmarks.Gate;

namespace DataPlane.Benchmarks;

/// <summary>
/// Runs every benchmark once, in this process, so that none rots. In process because the default toolchain restores and
/// builds a project per run, which takes longer than all the benchmarks.
/// </summary>
internal static class DryRun
{
    /// <summary>Prints one line per type; 0 when every benchmark ran.</summary>
    public static int Run()
    {
        var failures = 0;
        foreach (var type in MeasuredCase.Types)
        {
            var logger = new AccumulationLogger();
            var summary = BenchmarkRunner.Run(type, Configure(logger));
            var ran = summary.Reports.Count(report => report.Success);
            var isWhole = ran == summary.BenchmarksCases.Length && ran > 0 && !summary.HasCriticalValidationErrors;
            Console.WriteLine($"{(isWhole ? "ok   " : "FAIL ")} {type.Name}: {ran} ran");
            if (isWhole)
                continue;
            failures++;
            Console.WriteLine(logger.GetLog());
        }

        Console.WriteLine($"benchmark dry run: {failures} failures");
        return failures == 0 ? 0 : 1;
    }

    private static ManualConfig Configure(ILogger logger) =>
        ManualConfig.CreateEmpty()
            .AddJob(Job.Dry.WithToolchain(InProcessNoEmitToolchain.Instance))
            .AddLogger(logger)
            .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "artifacts"))
            .AddColumnProvider(DefaultColumnProviders.Instance);
}
