using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Loops;

namespace DataPlane.Benchmarks.Loops;

/// <summary>
/// Hot type: <see cref="LoopValueTaskMethodBuilder{TResult}"/>. What an <c>async</c> method costs that does not wait,
/// one
/// that does, and four that wait one inside the other, which is the depth of a proxied exchange.
/// </summary>
[MemoryDiagnoser]
public class LoopTaskBenchmarks
{
    private readonly PulseSource<int> _source = new();

    [GlobalSetup]
    public void SetUp()
    {
        Expect.Same(8, WithoutWait());
        Expect.Same(8, SuspendAndResume());
        Expect.Same(11, SuspendAndResumeFourDeep());
    }

    [Benchmark]
    public int WithoutWait() => AddOneAsync(new ValueTask<int>(7)).Result;

    [Benchmark]
    public int SuspendAndResume() => Finish(AddOneAsync(_source.WaitAsync()));

    [Benchmark]
    public int SuspendAndResumeFourDeep() =>
        Finish(AddOneAsync(AddOneAsync(AddOneAsync(AddOneAsync(_source.WaitAsync())))));

    private int Finish(ValueTask<int> pending)
    {
        _source.Complete(7);
        return pending.GetAwaiter().GetResult();
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<int> AddOneAsync(ValueTask<int> inner) => await inner + 1;
}
