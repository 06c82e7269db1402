using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Http.Requests;

namespace DataPlane.Benchmarks.Http;

/// <summary>Hot type: <see cref="CanonicalPath"/>. One path per operation.</summary>
[MemoryDiagnoser]
public class CanonicalPathBenchmarks
{
    private readonly byte[] _plain = "/api/v1/users/42/orders"u8.ToArray();
    private readonly byte[] _slow = "/a/%7euser;x=1/../%c3%a9//b"u8.ToArray();
    private readonly byte[] _refused = "/a/..%2fadmin"u8.ToArray();
    private readonly byte[] _destination = new byte[128];

    [GlobalSetup]
    public void SetUp()
    {
        Expect.Same("/api/v1/users/42/orders", Encoding.ASCII.GetString(_destination, 0, Plain()));
        Expect.Same("/a/%C3%A9/b", Encoding.ASCII.GetString(_destination, 0, Slow()));
        Expect.That(CanonicalPath.Write(_refused, _destination, out _, out _) != PathFault.None, "refused");
    }

    [Benchmark]
    public int Plain() => Write(_plain);

    [Benchmark]
    public int Slow() => Write(_slow);

    [Benchmark]
    public int Refused() => Write(_refused);

    private int Write(byte[] path)
    {
        CanonicalPath.Write(path, _destination, out var length, out _);
        return length;
    }
}
