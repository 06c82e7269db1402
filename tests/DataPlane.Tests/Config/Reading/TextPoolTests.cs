using System.Collections.Immutable;
using System.Runtime.InteropServices;
using DataPlane.Config.Reading;

namespace DataPlane.Tests.Config.Reading;

public sealed class TextPoolTests
{
    [Fact]
    public void EqualLists_AreOneArray()
    {
        var pool = new TextPool();
        Assert.Same(ArrayOf(pool.ListOf([new string('a', 3), "b"])), ArrayOf(pool.ListOf(["aaa", "b"])));
        Assert.True(pool.ListOf([]).IsEmpty);
    }

    [Fact]
    public void ListsThatTakeEachOthersPlace_AreStillThemselves()
    {
        var pool = new TextPool();
        for (int turn = 0; turn < 2; turn++)
        {
            for (int i = 0; i < 5000; i++)
            {
                string[] texts = [$"{i}", i % 2 == 0 ? "even" : "odd"];
                Assert.Equal(texts, pool.ListOf(texts));
                Assert.NotSame(texts, ArrayOf(pool.ListOf(texts)));
            }
        }
    }

    [Fact]
    public void OrderAndLength_Count()
    {
        var pool = new TextPool();
        ImmutableArray<string>[] lists = [pool.ListOf(["a", "b"]), pool.ListOf(["b", "a"]), pool.ListOf(["a"])];
        Assert.Equal(["a,b", "b,a", "a"], lists.Select(each => string.Join(',', each)));
    }

    private static string[] ArrayOf(ImmutableArray<string> list) => ImmutableCollectionsMarshal.AsArray(list)!;
}
