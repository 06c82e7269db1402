using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.InMemory;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Compilation.Reloading;

/// <summary>
/// Bytes allocated to apply 10,000 routes, by the thread that does it: the same on every machine, and what collections,
/// and so the pauses of everybody, come from. The text itself takes 7 MB of them.
/// </summary>
public sealed class ApplyCostTests
{
    private const int Routes = 10_000;
    private const long Megabyte = 1_000_000;

    [Fact]
    public void OneOfTenThousandRoutesChanged_CostsItsShare()
    {
        using var apply = new Applying();
        apply.Cost(Text(changed: null, variant: 1));
        Assert.InRange(apply.Cost(Text(changed: 5000, variant: 2)), 0, 24 * Megabyte);
    }

    [Fact]
    public void TenThousandRoutesChanged_CostAThirdOfWhatTheTreeDid()
    {
        using var apply = new Applying();
        apply.Cost(Text(changed: null, variant: 1));
        Assert.InRange(apply.Cost(Text(changed: null, variant: 2)), 0, 82 * Megabyte);
    }

    private static byte[] Text(int? changed, int variant)
    {
        var text = new StringBuilder("upstreams: { u: { endpoints: [ http://127.0.0.1:9 ] } }\nroutes:\n");
        for (int i = 0; i < Routes; i++)
        {
            int own = changed is null || changed == i ? variant : 1;
            text.Append($"  - id: route-{i}\n    match:\n      hosts: [api-{i % 50}.example.com]\n");
            text.Append($"      path: /service-{i % 200}/items-{i}/{{id}}\n      methods: [GET, POST]\n");
            text.Append($"    headers: {{ request: {{ set: {{ X-Item: \"{{id}}-{own}\" }} }} }}\n");
            text.Append($"    to: {{ upstream: u, rewrite: \"/v{own}/items/{i}/{{id}}\" }}\n");
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private sealed class Applying : IDisposable
    {
        private readonly LoopSet _loops;
        private readonly SnapshotCompiler _compiler;
        private readonly ConfigSource _source =
            ConfigSource.OfText("g.yaml", "", overrides: null, ConfigEnvironment.Empty);

        public Applying()
        {
            var time = new VirtualTime();
            _loops = new LoopSet(1, static _ => new PortableEngine(), time);
            _compiler = new SnapshotCompiler(
                SnapshotCompiler.BuiltInIntegrations, [], new InMemoryConnector(), _loops, time);
        }

        public long Cost(byte[] text)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var load = _source.Read(text);
            var snapshot = _compiler.Compile(load.Result.Config!, load.EffectiveJson);
            Assert.Equal(Routes, snapshot.RouteList.Length);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        public void Dispose() => _loops.Dispose();
    }
}
