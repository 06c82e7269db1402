using System.Net;
using BenchmarkDotNet.Attributes;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport.Admission;

namespace DataPlane.Benchmarks;

/// <summary>What counting costs a connection, and what is left of one that is refused; the bound of a route.</summary>
[MemoryDiagnoser]
public class ConnectionAdmissionBenchmarks
{
    private static readonly IPEndPoint s_client = new(IPAddress.Parse("2001:db8::7"), 51234);

    private readonly ConnectionAdmission _open = new(TimeProvider.System);
    private readonly ConnectionAdmission _full = new(TimeProvider.System);
    private readonly LoopSet _loops = new(2, static _ => new PortableEngine(), TimeProvider.System);
    private InFlightBound _bound = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _bound = new InFlightBound(most: 10, _loops);
        var limits = new AdmissionLimits { PerAddress = 1 };
        _full.Limits = () => limits;
        Expect.That(_full.TryEnter(_full.KeyOf(s_client)), "the first is admitted");
        Expect.That(EnterAndLeave() && !Refuse() && Bound(), "as the names say");
        Expect.Same(0, _open.Addresses);
    }

    [GlobalCleanup]
    public void CleanUp() => _loops.Dispose();

    [Benchmark]
    public bool EnterAndLeave()
    {
        var key = _open.KeyOf(s_client);
        bool isAdmitted = _open.RestBeforeAccept(waiting: 0) == 0 && _open.TryEnter(in key);
        _open.Leave(in key);
        return isAdmitted;
    }

    [Benchmark]
    public bool Refuse() => _full.TryEnter(_full.KeyOf(s_client));

    [Benchmark]
    public bool Bound()
    {
        bool isEntered = _bound.TryEnter(_loops[1]);
        _bound.Leave(_loops[1]);
        return isEntered;
    }
}
