using BenchmarkDotNet.Attributes;
using DataPlane.Benchmarks.Exchanges;
using DataPlane.Config.Policies;
using DataPlane.Config.Reading;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Policies.RateLimiting;

namespace DataPlane.Benchmarks;

/// <summary>A decision of the table alone, and the policy with its key over an exchange.</summary>
[MemoryDiagnoser]
public class RateLimitBenchmarks
{
    private const int Callers = 10_000;

    private readonly GcraTable _table = new(128 * 1024);
    private readonly RateLimit _open = new(1_000_000_000, TimeSpan.FromSeconds(1), 1_000_000, 1_000_000_000);
    private readonly RateLimit _shut = new(1, TimeSpan.FromHours(1), 1, 1_000_000_000);
    private GatewayRig _rig = null!;
    private PreparedExchange _prepared = null!;
    private RateLimitPolicy _granting = null!;
    private RateLimitPolicy _refusing = null!;
    private PreparedExchange _bearing = null!;
    private LimitKey _claim = null!;
    private readonly ConcurrencyLimitPolicy _entering = Concurrency();
    private readonly ConcurrencyLimitPolicy _full = Concurrency();
    private ulong _caller;
    private long _now;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        _prepared = new PreparedExchange(_rig, SampleMessages.TypicalRequest, SampleMessages.TypicalResponseHead);
        _granting = Policy(_open);
        _refusing = Policy(_shut);
        _bearing = new PreparedExchange(_rig, SampleMessages.BearerRequest, SampleMessages.TypicalResponseHead);
        _claim = new LimitKey([new LimitKeyConfig(LimitKeyKind.Claim, "sub")], ipv6Prefix: 64, "route");
        Expect.That(Claim() != _claim.Of(_prepared.Exchange), "a claim is not the client's address");
        Granted();
        Refused();
        Expect.That(OneCaller(), "a caller within its rate is granted");
        Expect.Same(Verdict.Continue, Granted());
        Expect.Same(Verdict.Reply, Refused());
        Expect.Same(Verdict.Continue, EnteredAndLeft());
        Expect.Same(Verdict.Continue, TooManyUnderWay());
        Expect.Same(Verdict.Reply, TooManyUnderWay());
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark]
    public bool OneCaller() => _table.TryTake(0xBF58476D1CE4E5B9, _open, 1, _now += 10, out _);

    /// <summary>Ten thousand in turn: their places are not all in the nearest cache.</summary>
    [Benchmark]
    public bool ManyCallers()
    {
        _caller = _caller == Callers ? 0 : _caller + 1;
        return _table.TryTake((_caller + 1) * 0x9E3779B97F4A7C15 >> 8, _open, 1, _now += 10, out _);
    }

    [Benchmark]
    public Verdict Granted() => _granting.OnRequest(_prepared.Exchange);

    [Benchmark]
    public Verdict EnteredAndLeft()
    {
        var verdict = _entering.OnRequest(_prepared.Exchange);
        _prepared.Exchange.CallerPlace.Leave();
        return verdict;
    }

    [Benchmark]
    public Verdict TooManyUnderWay() => _full.OnRequest(_prepared.Exchange);

    [Benchmark]
    public Verdict Refused() => _refusing.OnRequest(_prepared.Exchange);

    /// <summary>The key of a request by a claim of its bearer token.</summary>
    [Benchmark]
    public ulong Claim() => _claim.Of(_bearing.Exchange);

    private static ConcurrencyLimitPolicy Concurrency() => new(
        new ConcurrencyLimiter(new ConcurrencyTable(1024), new RefusalCount(1)) { Name = "few-at-once", Most = 1 },
        new LimitKey([new LimitKeyConfig(LimitKeyKind.ClientAddress, "")], ipv6Prefix: 64, "route"));

    private static RateLimitPolicy Policy(RateLimit limit)
    {
        var config = new RateLimitConfig
        {
            Key = [new LimitKeyConfig(LimitKeyKind.ClientAddress, "")],
            Limits = [new RateConfig(new Rate(1, TimeSpan.FromSeconds(1)), 1)],
        };
        var limiter = new RateLimiter([limit], [new GcraTable(1024)], new RefusalCount(1)) { Name = "fair-use" };
        var key = new LimitKey(config.Key, config.Ipv6Prefix, "route");
        return new RateLimitPolicy(limiter, key, config, [limit], 1_000_000_000);
    }
}
