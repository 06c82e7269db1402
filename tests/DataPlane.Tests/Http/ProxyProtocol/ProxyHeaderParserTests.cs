using System.Net;
using System.Text.Json;
using DataPlane.Http.ProxyProtocol;
using DataPlane.Tests.Http.Corpora;

namespace DataPlane.Tests.Http.ProxyProtocol;

/// <summary>Headers of both versions, whole, cut everywhere, and wrong in every way the parser tells apart.</summary>
public sealed class ProxyHeaderParserTests
{
    private const string Signature = "\r\n\r\n\0\r\nQUIT\n";
    private const string V4 = "\xc0\0\x02\x07\xc0\0\x02\x01\xdc\x04\x01\xbb";

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n", "192.0.2.7:56324 192.0.2.1:443")]
    [InlineData("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", "0.0.0.0:0 255.255.255.255:65535")]
    [InlineData("PROXY TCP6 2001:db8::7 ::1 1 2\r\n", "[2001:db8::7]:1 [::1]:2")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.7 FE80::1 1 2\r\n", "[::ffff:192.0.2.7]:1 [fe80::1]:2")]
    [InlineData("PROXY UNKNOWN\r\n", "")]
    [InlineData("PROXY UNKNOWN and whatever \0 follows\r\n", "")]
    [InlineData(Signature + "\x21\x11\0\x0c" + V4, "192.0.2.7:56324 192.0.2.1:443")]
    [InlineData(Signature + "\x21\x12\0\x0c" + V4, "192.0.2.7:56324 192.0.2.1:443")]
    [InlineData(Signature + "\x20\x11\0\x0c" + V4, "")]
    [InlineData(Signature + "\x20\xff\0\0", "")]
    [InlineData(Signature + "\x21\0\0\x03\xff\xff\xff", "")]
    [InlineData(Signature + "\x21\x11\0\x0f" + V4 + "\x04\0\0", "192.0.2.7:56324 192.0.2.1:443")]
    public void Header_IsTakenWhole_AndAwaitedWhenCut(string text, string addresses)
    {
        byte[] bytes = Latin1.Bytes(text + "GET / HTTP/1.1\r\n");
        var header = new ProxyHeader();
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(bytes, header));
        Assert.Equal(text.Length, header.Length);
        Assert.Equal(addresses, AddressesOf(header));
        for (int length = 0; length < text.Length; length++)
            Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyHeaderParser.Parse(bytes.AsSpan(0, length), header));
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\n", ProxyHeaderFault.LineEnd)]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\rx", ProxyHeaderFault.LineEnd)]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n", ProxyHeaderFault.LineForm)]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 1 \r\n", ProxyHeaderFault.LineForm)]
    [InlineData("PROXY  TCP4 192.0.2.7 192.0.2.1 1 2\r\n", ProxyHeaderFault.LineForm)]
    [InlineData("PROXY UDP4 192.0.2.7 192.0.2.1 1 2\r\n", ProxyHeaderFault.LineForm)]
    [InlineData("PROXY UNKNOWN2\r\n", ProxyHeaderFault.LineForm)]
    [InlineData("PROXY \r\n", ProxyHeaderFault.LineForm)]
    [InlineData("PROXY TCP4 192.0.2.256 192.0.2.1 1 2\r\n", ProxyHeaderFault.Address)]
    [InlineData("PROXY TCP4 192.0.02.7 192.0.2.1 1 2\r\n", ProxyHeaderFault.Address)]
    [InlineData("PROXY TCP4 192.0.2 192.0.2.1 1 2\r\n", ProxyHeaderFault.Address)]
    [InlineData("PROXY TCP4 ::1 192.0.2.1 1 2\r\n", ProxyHeaderFault.Address)]
    [InlineData("PROXY TCP6 192.0.2.7 ::1 1 2\r\n", ProxyHeaderFault.Address)]
    [InlineData("PROXY TCP6 fe80::1%1 ::1 1 2\r\n", ProxyHeaderFault.Address)]
    [InlineData("PROXY TCP6 [::1] ::1 1 2\r\n", ProxyHeaderFault.Address)]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 65536 2\r\n", ProxyHeaderFault.Port)]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 01 2\r\n", ProxyHeaderFault.Port)]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 +1 2\r\n", ProxyHeaderFault.Port)]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 1 2 3\r\n", ProxyHeaderFault.Port)]
    [InlineData(Signature + "\x11\x11\0\x0c" + V4, ProxyHeaderFault.Version)]
    [InlineData(Signature + "\x22\x11\0\x0c" + V4, ProxyHeaderFault.Command)]
    [InlineData(Signature + "\x21\x41\0\x0c" + V4, ProxyHeaderFault.Family)]
    [InlineData(Signature + "\x21\x13\0\x0c" + V4, ProxyHeaderFault.Family)]
    [InlineData(Signature + "\x21\x10\0\x0c" + V4, ProxyHeaderFault.Family)]
    [InlineData(Signature + "\x21\x01\0\0", ProxyHeaderFault.Family)]
    [InlineData(Signature + "\x21\x11\0\x0b" + V4, ProxyHeaderFault.Length)]
    [InlineData(Signature + "\x21\x11\x10\x01" + V4, ProxyHeaderFault.Length)]
    [InlineData(Signature + "\x21\x11\0\x0d" + V4 + "\x04", ProxyHeaderFault.Tlv)]
    [InlineData(Signature + "\x21\x11\0\x10" + V4 + "\x04\0\x02x", ProxyHeaderFault.Tlv)]
    [InlineData(Signature + "\x21\x11\0\x0f" + V4 + "\x20\0\0", ProxyHeaderFault.Tlv)]
    [InlineData(Signature + "\x21\x11\0\x17" + V4 + "\x20\0\x08\x01\0\0\0\0\x21\0\x01", ProxyHeaderFault.Tlv)]
    [InlineData(Signature + "\x21\x11\0\x11" + V4 + "\x03\0\x02\0\0", ProxyHeaderFault.Tlv)]
    [InlineData(Signature + "\x21\x11\0\x13" + V4 + "\x03\0\x04\0\0\0\0", ProxyHeaderFault.Checksum)]
    public void BadHeader_IsRefused_WithItsFault(string text, ProxyHeaderFault fault)
    {
        var header = new ProxyHeader();
        Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse(Latin1.Bytes(text), header));
        Assert.Equal(fault, header.Fault);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("POST")]
    [InlineData("proxy TCP4 192.0.2.7 192.0.2.1 1 2\r\n")]
    [InlineData("\r\nGET")]
    [InlineData("\x16\x03\x01")]
    public void OtherBytes_AreNoHeader(string text) => Assert.Equal(
        ProxyHeaderStatus.Absent, ProxyHeaderParser.Parse(Latin1.Bytes(text), new ProxyHeader()));

    [Fact]
    public void LineOf108Bytes_IsRefused_AndOneOf107Taken()
    {
        const string start = "PROXY UNKNOWN ";
        string longest = start + new string('x', 107 - start.Length - 2) + "\r\n";
        var header = new ProxyHeader();
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderParser.Parse(Latin1.Bytes(longest), header));
        Assert.Equal(107, header.Length);
        string longer = longest.Insert(start.Length, "x");
        Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse(Latin1.Bytes(longer), header));
        Assert.Equal(
            ProxyHeaderStatus.Incomplete, ProxyHeaderParser.Parse(Latin1.Bytes(longer).AsSpan(0, 106), header));
        Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse(Latin1.Bytes(longer).AsSpan(0, 107), header));
    }

    [Fact]
    public void HeaderThatWillBeRefused_IsRefusedBeforeItIsWhole()
    {
        var header = new ProxyHeader();
        Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse(Latin1.Bytes(Signature + "\x31"), header));
        byte[] tooLong = Latin1.Bytes(Signature + "\x21\x11\xff\xff");
        Assert.Equal(ProxyHeaderStatus.Invalid, ProxyHeaderParser.Parse(tooLong, header));
    }

    [Fact]
    public void EveryVector_IsTakenOrRefused()
    {
        if (!SharedCorpora.TryRead("http/proxy_protocol_vectors.json", out var document)) return;
        var failures = new List<string>();
        int count = 0;
        foreach (var vector in Vectors(document))
        {
            byte[] bytes = vector.ReadBytes("bytes");
            var header = new ProxyHeader();
            var status = ProxyHeaderParser.Parse(bytes, header);
            string expect = vector.GetProperty("expect").GetString()!;
            bool isTaken = status == ProxyHeaderStatus.Complete;
            // What follows a header that is none of ours is for HTTP to refuse.
            bool isSecond = expect.Contains("second", StringComparison.Ordinal)
                || vector.GetProperty("id").GetString() == "v1_then_v2";
            bool isRight = isSecond || (expect.StartsWith("accept", StringComparison.Ordinal)
                ? isTaken || expect.Contains("reject", StringComparison.Ordinal)
                : !isTaken);
            string? client = vector.GetProperty("client").GetString();
            if (isTaken && client?.Contains(':') == true) isRight &= AddressesOf(header).StartsWith($"{client} ");
            if (isTaken && client?.StartsWith("peer") == true) isRight &= AddressesOf(header).Length == 0;
            if (isTaken) isRight &= header.Length == vector.ReadBytes("header").Length || isSecond;
            if (!isRight) failures.Add($"{vector.GetProperty("id")}: {status} {AddressesOf(header)}");
            count++;
        }
        Assert.Empty(failures);
        Assert.True(count >= 42);
    }

    internal static IEnumerable<JsonElement> Vectors(JsonDocument document) => document.RootElement.EnumerateObject()
        .Single(member => member.Value.ValueKind == JsonValueKind.Array).Value.EnumerateArray();

    private static string AddressesOf(ProxyHeader header) =>
        header.HasAddresses && header.Family != ProxyFamily.Unix
            ? $"{new IPEndPoint(new IPAddress(header.Source), header.SourcePort)} "
                + new IPEndPoint(new IPAddress(header.Destination), header.DestinationPort)
            : "";
}
