using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Upstreams;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Remote;
using DataPlane.Lambda.Signing;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>The head of an Invoke request for an event of 1 KiB: what a call of AWS costs besides its connection.</summary>
[MemoryDiagnoser]
public class RemoteCallBenchmarks
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly RemoteRequest _request = new();
    private readonly SigningCredentials _credentials = new("AKIDEXAMPLE", "secret", "token");
    private LoopSet _loops = null!;
    private RemoteFunction _function = null!;
    private UpstreamEndpoint _endpoint = null!;
    private Invocation _invocation = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _loops = new LoopSet(1, static _ => new PortableEngine(), TimeProvider.System);
        var config = new RemoteFunctionConfig
        {
            Name = "f",
            Function = "arn:aws:lambda:eu-west-1:123456789012:function:f",
            Region = "eu-west-1",
            Upstream = "up",
        };
        _function = new RemoteFunction(config, credentials: null, loops: 1, () => NullLogger.Instance);
        _endpoint = new UpstreamEndpoint(
            0, "up", "https://lambda.eu-west-1.amazonaws.com", "lambda.eu-west-1.amazonaws.com",
            new EndpointAddress("10.0.0.1", 443), _loops);
        _invocation = new Invocation(_loops[0]);
        _invocation.Event.Append(Encoding.ASCII.GetBytes($"{{\"data\":\"{new string('x', 1013)}\"}}"));
        Expect.That(Plain() > 150, "a head has more than 150 bytes");
        Expect.That(Signed() > Plain() + 250, "a signature has more than 250 bytes");
    }

    [GlobalCleanup]
    public void CleanUp() => _loops.Dispose();

    /// <summary><c>credentials: none</c>.</summary>
    [Benchmark]
    public int Plain() => Write(credentials: null);

    /// <summary>With a session's token; the day's key is known.</summary>
    [Benchmark]
    public int Signed() => Write(_credentials);

    private int Write(SigningCredentials? credentials) => _request.Write(
        _function, _function.Path, _endpoint, _invocation, credentials, isEvent: false, s_now).Length;
}
