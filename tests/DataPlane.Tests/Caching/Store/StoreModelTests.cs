using DataPlane.Gateway.Caching.Store;
using FsCheck;
using FsCheck.Fluent;
using static DataPlane.Tests.Caching.Store.StoreRig;

namespace DataPlane.Tests.Caching.Store;

/// <summary>Any sequence of steps leaves the store as it leaves a dictionary that does the same naively.</summary>
public sealed class StoreModelTests
{
    private static readonly string[] s_keys = ["", "a", "b", "ab", "a/b", "a/b/c"];
    private static readonly string[] s_tags = ["", "x", "y", "x y", "y z x", "xy"];

    private static readonly Gen<Step> s_step =
        Gen.Elements(Enum.GetValues<Act>()).Zip(Gen.Elements(s_keys)).Zip(Gen.Elements(s_tags))
            .Zip(Gen.Choose(0, 200_000).Zip(Gen.Elements(false, true)))
            .Select(made => new Step(made.Item1.Item1.Item1, made.Item1.Item1.Item2, made.Item1.Item2,
                made.Item2.Item1 >> (made.Item2.Item1 % 17), made.Item2.Item2));

    private static readonly FsCheck.Config s_config = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(300);

    private enum Act
    {
        Fill,
        FillAgain,
        FillInParts,
        Abort,
        Begin,
        End,
        Get,
        Lease,
        Release,
        Refresh,
        Remove,
        PurgeUrl,
        PurgePrefix,
        PurgeTag,
        PurgeAll,
        Sweep,
    }

    [Fact]
    public void AnySteps_LeaveWhatADictionaryWouldHave() =>
        Prop.ForAll(s_step.ListOf().Resize(120).ToArbitrary(), steps => Run(steps, compressor: null)).Check(s_config);

    [Fact]
    public void AnyStepsOnPackedBodies_LeaveTheSame() => Prop.ForAll(
        s_step.ListOf().Resize(120).ToArbitrary(), steps => Run(steps, new RunLengthCompressor())).Check(s_config);

    private static void Run(IEnumerable<Step> steps, IBlockCompressor? compressor)
    {
        using var rig = new StoreRig(capacityBytes: 16 * 1024 * 1024, maxEntryBytes: 500_000, compressor);
        var model = new StoreModel(rig);
        int number = 0;
        foreach (var step in steps) Do(model, step, ++number);
        model.ReleaseAll();
        foreach (string key in s_keys) model.Get(key);
        rig.Store.PurgeAll();
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, rig.Store.Counts.Entries);
        Assert.Equal(0, rig.Store.Counts.EvictionsTotal);
        CacheStoreTests.AssertNoFills(rig.Store);
    }

    private static void Do(StoreModel model, Step step, int number)
    {
        byte[] body = new byte[step.Length];
        Array.Fill(body, (byte)number);
        switch (step.Act)
        {
            case Act.Fill or Act.FillAgain: model.Fill(step.Key, step.Tags, body, number, body.Length); break;
            case Act.FillInParts: model.Fill(step.Key, step.Tags, body, number, partBytes: 1000); break;
            case Act.Abort: model.Abort(step.Key, body); break;
            case Act.Begin: model.Begin(step.Key); break;
            case Act.End: model.End(step.Tags, body, number); break;
            case Act.Get: model.Get(step.Key); break;
            case Act.Lease: model.Lease(step.Key); break;
            case Act.Release: model.ReleaseOne(); break;
            case Act.Refresh: model.Refresh(step.Key, number); break;
            case Act.Remove: model.Remove(step.Key, step.IsSoft); break;
            case Act.Sweep: model.Rig.Time.Advance(TimeSpan.FromSeconds(2)); break;
            default: model.Purge(KindOf(step.Act), step.Act == Act.PurgeTag ? step.Tags : step.Key, step.IsSoft); break;
        }
    }

    private static PurgeKind KindOf(Act act) => act switch
    {
        Act.PurgeUrl => PurgeKind.Url,
        Act.PurgePrefix => PurgeKind.Prefix,
        Act.PurgeTag => PurgeKind.Tag,
        _ => PurgeKind.All,
    };

    private sealed record Step(Act Act, string Key, string Tags, int Length, bool IsSoft);
}
