using DataPlane.Gateway.Upstreams.Names;

namespace DataPlane.Tests.Fuzz;

/// <summary>Name servers' replies: read or refused, bounded, and the same when read twice.</summary>
public sealed class DnsFuzzTests
{
    private const int MostNameCharacters = 1024;

    // An alias by pointer, an address behind it, and a service.
    private static readonly byte[][] s_seeds =
    [
        [
            0x12, 0x34, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0,
            1, (byte)'u', 0, 0, 1, 0, 1,
            0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 5, 1, (byte)'x', 1, (byte)'y', 0,
            0xc0, 31, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 0, 0, 7,
            0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 9, 0, 8, 0, 1, 0, 2, 0, 80, 0xc0, 31,
        ],
        [0x12, 0x34, 0x83, 0x80, 0, 1, 0, 9, 0, 0, 0, 0, 1, (byte)'u', 0, 0, 1, 0, 1, 0xc0, 12],
    ];

    [Fact]
    public void Reply_IsReadOrRefused() => FuzzRun.Check(
        s_seeds,
        new Mutation(
            "\u00c0\f", "\u00c0\u00ff", "\u00c0\u001f", "\u003f", "\0\u0001", "\0!", "\u00ff\u00ff", "\0\0\0\0"),
        bytes =>
        {
            var reply = DnsMessage.Parse(bytes, 0x1234, "u", DnsType.Address4);
            if (reply is null) return false;
            Assert.InRange(reply.Records.Count, 0, bytes.Length / 11);
            foreach (var record in reply.Records)
            {
                Assert.InRange(record.Name.Length, 0, MostNameCharacters);
                Assert.InRange(record.Target?.Length ?? 0, 0, MostNameCharacters);
            }
            var again = DnsMessage.Parse(bytes, 0x1234, "u", DnsType.Address4)!;
            Assert.Equal(reply.Records, again.Records);
            return true;
        },
        takenOneIn: 200);
}
