using BenchmarkDotNet.Running;
using DataPlane.Benchmarks;
using DataPlane.Benchmarks.Gate;

// --gate [BUDGETS]: bytes per operation against perf/budgets.json; --dry: every benchmark once;
// --cpu FILTER: processor time per operation, for a machine that is not quiet;
// anything else is BenchmarkDotNet's own command line, such as --filter '*Parser*'.
switch (args)
{
    case ["--gate", var budgets]:
        return AllocationGate.Run(budgets);
    case ["--gate"]:
        return AllocationGate.Run(FindBudgets());
    case ["--cpu", var filter]:
        return CpuMeter.Run(filter);
    case ["--dry"]:
        return DryRun.Run();
    default:
        BenchmarkSwitcher.FromTypes([.. MeasuredCase.Types]).Run(args);
        return 0;
}

static string FindBudgets()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        var candidate = Path.Combine(folder.FullName, "perf", "budgets.json");
        if (File.Exists(candidate))
            return candidate;
    }

    throw new FileNotFoundException("perf/budgets.json is not above " + AppContext.BaseDirectory);
}
