using System.Reflection;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport.InMemory;
using DataPlane.Gateway.Upstreams;
using DataPlane.Hosting;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Routing;

namespace DataPlane.Tests.Compilation.Reloading;

/// <summary>
/// A configuration that takes over what has not changed is the one that a fresh process would make of the same text.
/// </summary>
public sealed class KeptRoutesTests : IDisposable
{
    private readonly VirtualTime _time = new();
    private readonly LoopSet _loops;

    public KeptRoutesTests() => _loops = new LoopSet(1, static _ => new PortableEngine(), _time);

    public void Dispose() => _loops.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RandomEdits_AreWhatAFreshProcessWouldRead(bool isJson)
    {
        var random = new Random(isJson ? 7 : 11);
        var config = new EditedConfig(random);
        var source = Source();
        var compiler = Compiler();
        int taken = 0, refused = 0;
        for (int step = 0; step < 300; step++)
        {
            string text = isJson ? config.WriteJson() : config.WriteYaml();
            var (again, fresh) = (Read(source, text), Read(Source(), text));
            Assert.Equal(fresh.Result.Errors, again.Result.Errors);
            Assert.Equal(fresh.Digest, again.Digest);
            if (fresh.Result.Config is { } expected)
            {
                taken++;
                Assert.Equal(fresh.EffectiveJson.Value, again.EffectiveJson.Value);
                var snapshot = compiler.Compile(again.Result.Config!, again.EffectiveJson);
                CheckSame(Compiler().Compile(expected, fresh.EffectiveJson), snapshot, random);
            }
            else
            {
                refused++;
            }
            config.Edit();
        }
        Assert.InRange(taken, 50, 299);
        Assert.InRange(refused, 1, 250);
    }

    [Fact]
    public void RouteThatStays_IsTheSameObject_AndTheOtherIsNot()
    {
        const string before = "routes:\n- id: a\n  match: { path: /a }\n  to: { mock: {} }\n"
            + "- id: b\n  match: { path: /b }\n  to: { mock: {} }\n";
        var source = Source();
        var compiler = Compiler();
        var first = compiler.Compile(Read(source, before).Result.Config!, "");
        string edited = "# a line more\n" + before.Replace("/b", "/c", StringComparison.Ordinal);
        var second = compiler.Compile(Read(source, edited).Result.Config!, "");
        Assert.Same(first.RouteList[0], second.RouteList[0]);
        Assert.NotSame(first.RouteList[1], second.RouteList[1]);
    }

    [Fact]
    public void RouteWithAVariable_IsReadAgain()
    {
        string value = "/a";
        var environment = new ConfigEnvironment(_ => value, (_, _) => throw new FileNotFoundException());
        var source = ConfigSource.OfText("g.yaml", "", overrides: null, environment);
        const string text = "routes:\n- match: { path: /x }\n  to: { redirect: { location: \"${WHERE}\" } }\n";
        Assert.Empty(Read(source, text).Result.Errors);
        value = "{unknown}";
        Assert.Single(Read(source, text).Result.Errors);
    }

    [Fact]
    public void UpstreamThatIsGone_IsMissedByRoutesThatHaveNotChanged()
    {
        const string routes = "routes:\n- match: { path: /x }\n  to: { upstream: u }\n";
        var source = Source();
        Assert.Empty(Read(source, "upstreams: { u: { endpoints: [ http://a ] } }\n" + routes).Result.Errors);
        var error = Assert.Single(Read(source, routes).Result.Errors);
        Assert.Equal("there is no upstream 'u'", error.Message);
    }

    private static ConfigSource Source() =>
        ConfigSource.OfText("g.yaml", "", overrides: null, ConfigEnvironment.Empty);

    private static ConfigLoad Read(ConfigSource source, string text) => source.Read(Encoding.UTF8.GetBytes(text));

    private SnapshotCompiler Compiler() =>
        new(SnapshotCompiler.BuiltInIntegrations, [], new InMemoryConnector(), _loops, _time);

    private static void CheckSame(GatewaySnapshot expected, GatewaySnapshot actual, Random random)
    {
        Assert.Equal(
            RouteTable.Print(expected.Routes.Describe()), RouteTable.Print(actual.Routes.Describe()));
        Assert.Equal(expected.RouteList.Length, actual.RouteList.Length);
        for (int i = 0; i < expected.RouteList.Length; i++)
        {
            var (want, got) = (expected.RouteList[i], actual.RouteList[i]);
            Assert.Equal(
                (want.Id, want.TargetKind, want.RequestBodyBytes, want.TimeoutMs, want.AllowsEncodedSlash),
                (got.Id, got.TargetKind, got.RequestBodyBytes, got.TimeoutMs, got.AllowsEncodedSlash));
            Assert.Equal(want.CaptureNames.AsEnumerable(), got.CaptureNames);
            Assert.Equal(want.RequestPolicies.Length, got.RequestPolicies.Length);
            Assert.Equal(want.ResponsePolicies.Length, got.ResponsePolicies.Length);
            if (got.Integration is HttpIntegration http) Assert.Contains(UpstreamOf(http), actual.Upstreams);
        }
        for (int i = 0; i < 200; i++)
        {
            var request = new RouteRequest("GET", EditedConfig.AnyPath(random), EditedConfig.AnyHost(random));
            Assert.Equal(request.Answer(expected.Routes), request.Answer(actual.Routes));
        }
    }

    /// <summary>Of this snapshot: one of an earlier one would be watched by nobody.</summary>
    private static Upstream UpstreamOf(HttpIntegration integration) => (Upstream)typeof(HttpIntegration)
        .GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
        .First(field => field.FieldType == typeof(Upstream))
        .GetValue(integration)!;
}
