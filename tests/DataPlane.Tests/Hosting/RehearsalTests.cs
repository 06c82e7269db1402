using DataPlane.Hosting;

namespace DataPlane.Tests.Hosting;

public sealed class RehearsalTests
{
    [Fact]
    public void EveryTurn_ReadsRoutesThatNoOtherHad()
    {
        var source = Rehearsal.Source();
        var paths = new HashSet<string>();
        for (int turn = 1; turn < 4; turn++)
        {
            var result = Rehearsal.Take(source, turn).Result;
            Assert.Empty(result.Errors);
            // The runtime compiles again what has run 30 times.
            Assert.True(result.Config!.Routes.Length > 30);
            Assert.All(result.Config.Routes, route => Assert.True(paths.Add(route.Match.Path.Text)));
        }
    }
}
