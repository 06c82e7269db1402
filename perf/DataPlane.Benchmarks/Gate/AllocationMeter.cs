using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace DataPlane.Benchmarks.Gate;

/// <summary>
/// Bytes allocated per call of a benchmark method, in steady state. The whole process is counted, not the calling
/// thread, because an exchange allocates wherever its event loop runs; the least of several batches drops what tiering
/// and other threads add by chance.
/// </summary>
internal static class AllocationMeter
{
    private const int Batches = 5;
    private const int MinCalls = 16;
    private const int MaxCalls = 20_000;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_batch = TimeSpan.FromMilliseconds(30);

    public static double Measure(MeasuredCase benchmark)
    {
        var run = Bind(benchmark.Instance, benchmark.Method);
        var calls = WarmUp(run);
        var least = double.MaxValue;
        for (var batch = 0; batch < Batches; batch++)
        {
            benchmark.SetUpIteration();
            var before = GC.GetTotalAllocatedBytes(precise: true);
            run(calls);
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            benchmark.CleanUpIteration();
            least = Math.Min(least, allocated / ((double)calls * benchmark.OperationsPerCall));
        }

        return least;
    }

    /// <summary>Calls until tier 1 code had its chance, and returns how many calls fit a batch.</summary>
    private static int WarmUp(Action<int> run)
    {
        var clock = Stopwatch.StartNew();
        var calls = 0;
        do
        {
            run(MinCalls);
            calls += MinCalls;
        }
        while (clock.Elapsed < s_warmUp);

        return (int)Math.Clamp(calls * (s_batch / s_warmUp), MinCalls, MaxCalls);
    }

    /// <summary>A loop over a typed delegate: reflection would box each result, on the benchmark's account.</summary>
    internal static Action<int> Bind(object instance, MethodInfo method)
    {
        var result = method.ReturnType;
        if (result == typeof(void))
            return Repeat(method.CreateDelegate<Action>(instance));
        if (result == typeof(Task))
            return Await(method.CreateDelegate<Func<Task>>(instance));
        if (result == typeof(ValueTask))
            return AwaitValue(method.CreateDelegate<Func<ValueTask>>(instance));
        var name = nameof(RepeatResult);
        if (result.IsGenericType && result.GetGenericTypeDefinition() == typeof(Task<>))
            (name, result) = (nameof(AwaitResult), result.GetGenericArguments()[0]);
        else if (result.IsGenericType && result.GetGenericTypeDefinition() == typeof(ValueTask<>))
            (name, result) = (nameof(AwaitValueResult), result.GetGenericArguments()[0]);
        var bind = typeof(AllocationMeter).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;
        var function = method.CreateDelegate(typeof(Func<>).MakeGenericType(method.ReturnType), instance);
        return (Action<int>)bind.MakeGenericMethod(result).Invoke(null, [function])!;
    }

    private static Action<int> Repeat(Action call) => calls =>
    {
        for (var done = 0; done < calls; done++)
            call();
    };

    private static Action<int> RepeatResult<T>(Func<T> call) => calls =>
    {
        for (var done = 0; done < calls; done++)
            Keep(call());
    };

    private static Action<int> Await(Func<Task> call) => calls =>
    {
        for (var done = 0; done < calls; done++)
            call().GetAwaiter().GetResult();
    };

    private static Action<int> AwaitResult<T>(Func<Task<T>> call) => calls =>
    {
        for (var done = 0; done < calls; done++)
            Keep(call().GetAwaiter().GetResult());
    };

    // A pending value task may not be waited for by blocking, so it becomes a task, and that is counted: a benchmark of
    // a path that suspends should bring its own reusable source, as the loops do.
    private static Action<int> AwaitValue(Func<ValueTask> call) => calls =>
    {
        for (var done = 0; done < calls; done++)
        {
            var pending = call();
            if (pending.IsCompleted)
                pending.GetAwaiter().GetResult();
            else
                pending.AsTask().GetAwaiter().GetResult();
        }
    };

    private static Action<int> AwaitValueResult<T>(Func<ValueTask<T>> call) => calls =>
    {
        for (var done = 0; done < calls; done++)
        {
            var pending = call();
            Keep(pending.IsCompleted ? pending.GetAwaiter().GetResult() : pending.AsTask().GetAwaiter().GetResult());
        }
    };

    // NoInlining: a delegate that was inlined here with its result unused had its allocation removed (seen: 0 B for an
    // array of 40).
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep<T>(T result) => _ = result;
}
