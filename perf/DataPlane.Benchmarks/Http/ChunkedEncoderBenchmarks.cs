using System.Text;
using BenchmarkDotNet.Attributes;
using DataPlane.Http.Bodies;

namespace DataPlane.Benchmarks.Http;

/// <summary>Hot type: <see cref="ChunkedEncoder"/>. One size line per operation.</summary>
[MemoryDiagnoser]
public class ChunkedEncoderBenchmarks
{
    private readonly byte[] _destination = new byte[ChunkedEncoder.MaxSizeLineBytes];
    private int _length;

    [GlobalSetup]
    public void SetUp()
    {
        Expect.Same("3fff\r\n", Encoding.ASCII.GetString(_destination, 0, Write(0x3fff)));
        SizeLine();
    }

    /// <summary>Sizes walk from 1 byte to 64 KiB, so that no branch is learned by heart.</summary>
    [Benchmark]
    public int SizeLine() => Write(_length = ((_length + 7919) & 0xffff) | 1);

    private int Write(int length) => ChunkedEncoder.WriteSizeLine(_destination, length);
}
