using System.Net;
using DataPlane.Http.ProxyProtocol;
using DataPlane.Tests.Http;
using DataPlane.Tests.Http.Corpora;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// PROXY headers: a header that is taken is taken for the same however its bytes arrive and whatever follows, and none
/// of its shorter beginnings is one.
/// </summary>
public sealed class ProxyHeaderFuzzTests
{
    private static readonly Mutation s_mutation = new(
        "PROXY ", "TCP4", "TCP6", "UNKNOWN", " ", "\r\n", "\n", "\r", "\0", "255.255.255.255", "0.0.0.0", "::1",
        "fe80::1", "65535", "65536", "0", "00", "-1", "\u0021", "\u0020", "\u0011", "\u0031", "\0\u000c",
        "\0\u0024",
        "\u00ff\u00ff", "\u0003\0\u0004", "\u0005\0\u0001x", "\r\n\r\n\0\r\nQUIT\n", "GET / HTTP/1.1\r\n");

    private static readonly byte[][] s_seeds =
    [
        "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n"u8.ToArray(),
        "PROXY TCP6 2001:db8::7 ::ffff:192.0.2.1 1 65535\r\n"u8.ToArray(),
        "PROXY UNKNOWN\r\n"u8.ToArray(),
        ProxyHeaderWriter.OwnVersion2(),
        ProxyHeaderWriter.Version2(
            new IPEndPoint(1, 2), new IPEndPoint(3, 4), "unique"u8, "a.example"u8),
        .. SharedCorpora.TryRead("http/proxy_protocol_vectors.json", out var document)
            ? document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.ReadBytes("bytes"))
            : [],
    ];

    [Fact]
    public void Verdict_IsTheSameHoweverTheBytesArrive() => FuzzRun.Check(
        s_seeds,
        s_mutation,
        bytes =>
        {
            var header = new ProxyHeader();
            var whole = ProxyHeaderParser.Parse(bytes, header);
            string meaning = Meaning(whole, header, bytes);
            int length = header.Length;
            if (whole == ProxyHeaderStatus.Complete)
            {
                Assert.InRange(length, 1, Math.Min(bytes.Length, ProxyHeaderParser.MaxBytes));
                // What follows is the connection's.
                Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(bytes.AsSpan(0, length), header));
                Assert.Equal(meaning, Meaning(whole, header, bytes));
            }
            else if (whole == ProxyHeaderStatus.Incomplete)
            {
                Assert.InRange(bytes.Length, 0, ProxyHeaderParser.MaxBytes);
            }
            int end = whole == ProxyHeaderStatus.Complete ? length : bytes.Length;
            for (int given = 0; given < Math.Min(end, 300); given++)
            {
                var status = ProxyHeaderParser.Parse(bytes.AsSpan(0, given), header);
                // Refused early is refused for good; nothing shorter is a header.
                Assert.NotEqual(ProxyHeaderStatus.Complete, status);
                if (status != ProxyHeaderStatus.Incomplete) Assert.Equal(whole, status);
            }
            return whole == ProxyHeaderStatus.Complete;
        },
        takenOneIn: 200);

    [Fact]
    public void TakenHeader_IsTheSameWhenWrittenAgain() => FuzzRun.Check(
        s_seeds,
        s_mutation,
        bytes =>
        {
            var header = new ProxyHeader();
            bool isTaken = ProxyHeaderParser.Parse(bytes, header) == ProxyHeaderStatus.Complete;
            if (!isTaken || header.Family is not (ProxyFamily.IPv4 or ProxyFamily.IPv6)) return isTaken;
            if (!header.HasAddresses) return true;
            var from = new IPEndPoint(new IPAddress(header.Source), header.SourcePort);
            var to = new IPEndPoint(new IPAddress(header.Destination), header.DestinationPort);
            foreach (byte[] written in (byte[][])
                [ProxyHeaderWriter.Version1(from, to), ProxyHeaderWriter.Version2(from, to, default, default)])
            {
                var again = new ProxyHeader();
                Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(written, again));
                Assert.Equal(written.Length, again.Length);
                // A mapped IPv4 address is written as what it is.
                Assert.Equal(Plain(from), Plain(new(new IPAddress(again.Source), again.SourcePort)));
                Assert.Equal(Plain(to), Plain(new(new IPAddress(again.Destination), again.DestinationPort)));
            }
            return true;
        },
        takenOneIn: 200);

    private static string Plain(IPEndPoint end) =>
        $"{(end.Address.IsIPv4MappedToIPv6 ? end.Address.MapToIPv4() : end.Address)} {end.Port}";

    private static string Meaning(ProxyHeaderStatus status, ProxyHeader header, byte[] bytes) =>
        $"{status} {header.Fault} {header.Version} {header.Length} {header.Command} {header.Family} "
        + $"{header.IsDatagram} "
        + $"{Convert.ToHexString(header.Source)}:{header.SourcePort} "
        + $"{Convert.ToHexString(header.Destination)}:{header.DestinationPort} {Latin1.Text(header.Tlvs.Of(bytes))}";
}
