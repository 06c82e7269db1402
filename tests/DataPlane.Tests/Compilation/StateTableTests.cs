using System.Runtime.CompilerServices;
using DataPlane.Gateway;
using DataPlane.Gateway.Compilation;

namespace DataPlane.Tests.Compilation;

/// <summary>State that generations share, and what becomes of it when they stop asking for it.</summary>
public sealed class StateTableTests
{
    private readonly StateTable _table = new();

    [Fact]
    public void State_OutlivesGenerationsThatDoNotNameIt()
    {
        var state = new WeakReference(Ask("limit", "10/s"));
        End(Limits.StateGenerations);
        Collect();
        Assert.True(IsTarget(state, "limit", "10/s"));
    }

    [Fact]
    public void State_IsForgottenAfterThat()
    {
        for (int each = 0; each < 100; each++) Ask($"limit {each}", "10/s");
        Assert.Equal(100, _table.Count);
        End(Limits.StateGenerations + 1);
        Collect();
        End(1);
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void StateInUse_IsFoundHoweverLongNobodyAskedForIt()
    {
        object state = _table.Keep("limit", "10/s", () => new object());
        End(10 * Limits.StateGenerations);
        Collect();
        End(1);
        Assert.Same(state, _table.Keep("limit", "10/s", () => new object()));
    }

    [Fact]
    public void StateThatIsAskedForNowAndThen_Stays()
    {
        var state = new WeakReference(Ask("limit", "10/s"));
        for (int each = 0; each < 5; each++)
        {
            End(Limits.StateGenerations);
            Collect();
            Assert.True(IsTarget(state, "limit", "10/s"));
        }
    }

    [Fact]
    public void OtherSettings_BeginAnew()
    {
        object state = _table.Keep("limit", "10/s", () => new object());
        Assert.NotSame(state, _table.Keep("limit", "20/s", () => new object()));
    }

    [Fact]
    public void IndexNumbers_AreForEver()
    {
        int index = _table.RouteIndex("a");
        End(10 * Limits.StateGenerations);
        Assert.Equal(index, _table.RouteIndex("a"));
        Assert.NotEqual(index, _table.RouteIndex("b"));
    }

    // Not inlined: a register of the test must not keep what it asks for.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private object Ask(string name, string settings) => _table.Keep(name, settings, () => new object());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsTarget(WeakReference state, string name, string settings) =>
        ReferenceEquals(state.Target, Ask(name, settings));

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private void End(int generations)
    {
        for (int each = 0; each < generations; each++) _table.EndGeneration();
    }
}
