using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using DataPlane.Gateway.Loops;

namespace DataPlane.Tests.Loops;

public sealed class LoopValueTaskMethodBuilderTests
{
    [Fact]
    public async Task NotSuspended_IsCompletedWithItsResult()
    {
        var task = AddAsync(null, 1, 2);
        Assert.True(task.IsCompletedSuccessfully);
        Assert.Equal(3, await task);
    }

    [Fact]
    public async Task Suspended_CompletesWithItsResult()
    {
        var gate = new Gate();
        var task = AddAsync(gate, 1, 2);
        Assert.False(task.IsCompleted);
        gate.Open();
        Assert.Equal(3, await task);
    }

    [Fact]
    public async Task ThrownBeforeSuspension_IsThrownByTheAwait()
    {
        var task = ThrowAsync(null);
        Assert.True(task.IsFaulted);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await task);
        Assert.Equal("broken", thrown.Message);
    }

    [Fact]
    public async Task ThrownAfterSuspension_IsThrownByTheAwait()
    {
        var gate = new Gate();
        var task = ThrowAsync(gate);
        Assert.False(task.IsCompleted);
        gate.Open();
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await task);
        Assert.Equal("broken", thrown.Message);
    }

    [Fact]
    public void AwaitedTwice_Throws()
    {
        var gate = new Gate();
        var task = AddAsync(gate, 1, 2);
        gate.Open();
        Assert.Equal(3, Take(task));
        Assert.Throws<InvalidOperationException>(() => Take(task));
        // And the box was not handed out twice because of it.
        var first = new Gate();
        var second = new Gate();
        var one = AddAsync(first, 10, 1);
        var two = AddAsync(second, 20, 2);
        second.Open();
        first.Open();
        Assert.Equal(11, Take(one));
        Assert.Equal(22, Take(two));
    }

    [Fact]
    public void TakenBeforeTheEnd_ThrowsAndStillCompletes()
    {
        var gate = new Gate();
        var task = AddAsync(gate, 1, 2);
        Assert.Throws<InvalidOperationException>(() => Take(task));
        gate.Open();
        Assert.Equal(3, Take(task));
    }

    [Fact]
    public void ManySuspendedAtOnce_AllocateNothingAfterTheFirstRound()
    {
        const int exchanges = 64;
        var gates = Enumerable.Range(0, exchanges).Select(_ => new Gate()).ToArray();
        var tasks = new ValueTask<int>[exchanges];
        long allocated = 0;
        long sum = 0;
        for (int round = 0; round < 50; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int index = 0; index < exchanges; index++) tasks[index] = NestedAsync(gates[index], index);
            foreach (var gate in gates) gate.Open();
            foreach (var task in tasks) sum += Take(task);
            if (round > 10) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(50L * (exchanges * (exchanges - 1) / 2 + exchanges), sum);
        Assert.Equal(0, allocated);
    }

    private static int Take(ValueTask<int> task) => task.GetAwaiter().GetResult();

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<int> NestedAsync(Gate gate, int value) => await AddAsync(gate, value, 1);

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<int> AddAsync(Gate? gate, int left, int right)
    {
        if (gate is not null) await gate.WaitAsync();
        return left + right;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<int> ThrowAsync(Gate? gate)
    {
        if (gate is not null) await gate.WaitAsync();
        throw new InvalidOperationException("broken");
    }

    private sealed class Gate : IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<bool> _core;

        public ValueTask WaitAsync() => new(this, _core.Version);

        public void Open() => _core.SetResult(true);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.None);

        public void GetResult(short token)
        {
            _core.GetResult(token);
            _core.Reset();
        }
    }
}
