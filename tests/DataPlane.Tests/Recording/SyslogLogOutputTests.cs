using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using DataPlane.Config;
using DataPlane.Gateway.Recording;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Recording;

/// <summary>Real sockets on both ends.</summary>
public sealed class SyslogLogOutputTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("syslog-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "log");

    public void Dispose() => _folder.Delete(recursive: true);

    [LinuxFact]
    public void UnixSocket_IsSentAMessagePerLine()
    {
        using var receiver = Listen();
        using var output = Create(new SyslogConfig { UnixPath = Path, Facility = 3, Tag = "edge" });
        Assert.Equal(2, output.Write("{\"a\":1}\n{\"b\":\"größe\"}\n"u8, out var loss));
        Assert.Equal(LogLoss.None, loss);
        Match one = Parse(Receive(receiver));
        Assert.Equal(("30", "2026-11-21T10:11:12.345Z", "edge"), (
            one.Groups["pri"].Value, one.Groups["time"].Value, one.Groups["tag"].Value));
        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), one.Groups["pid"].Value);
        Assert.Equal("{\"a\":1}", one.Groups["text"].Value);
        Assert.Equal("{\"b\":\"größe\"}", Parse(Receive(receiver)).Groups["text"].Value);
    }

    [Fact]
    public void Udp_IsSentAMessagePerLine()
    {
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var output = Create(Udp(((IPEndPoint)receiver.LocalEndPoint!).Port));
        Assert.Equal(1, output.Write("hello\n"u8, out _));
        Match message = Parse(Receive(receiver));
        Assert.Equal("190", message.Groups["pri"].Value);
        Assert.Equal("hello", message.Groups["text"].Value);
    }

    [LinuxFact]
    public void NobodyThere_IsToldAndTriedAgain()
    {
        using var output = Create(new SyslogConfig { UnixPath = Path });
        Assert.Equal(0, output.Write("lost\nlost\n"u8, out var loss));
        Assert.Equal(LogLoss.Unreachable, loss);
        using var receiver = Listen();
        Assert.Equal(1, output.Write("found\n"u8, out loss));
        Assert.Equal(LogLoss.None, loss);
        Assert.EndsWith(" found", Receive(receiver), StringComparison.Ordinal);
    }

    [LinuxFact]
    public void ReceiverRestarts_LosesNothingSentAfterwards()
    {
        using var output = Create(new SyslogConfig { UnixPath = Path });
        using (var before = Listen())
        {
            Assert.Equal(1, output.Write("before\n"u8, out _));
        }
        File.Delete(Path);
        using var after = Listen();
        Assert.Equal(1, output.Write("after\n"u8, out var loss));
        Assert.Equal(LogLoss.None, loss);
        Assert.EndsWith(" after", Receive(after), StringComparison.Ordinal);
    }

    [LinuxFact]
    public void ReceiverThatTakesNothing_IsFullAndWaitedForOnce()
    {
        using var receiver = Listen();
        using var output = Create(new SyslogConfig { UnixPath = Path });
        byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 4000) + "\n", 2000)));
        int sent = output.Write(lines, out var loss);
        Assert.Equal(LogLoss.SinkFull, loss);
        Assert.InRange(sent, 1, 1999);
        for (int each = 0; each < sent; each++) Receive(receiver);
        Assert.Equal(1, output.Write("again\n"u8, out loss));
        Assert.Equal(LogLoss.None, loss);
    }

    [Fact]
    public void NoUdpReceiver_IsUnreachableSoonerOrLater()
    {
        int port;
        using (var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        }
        using var output = Create(Udp(port));
        // The kernel tells of a refused message with the next; whatever it tells, nothing throws.
        for (int each = 0; each < 10; each++) output.Write("lost\n"u8, out _);
    }

    private static SyslogConfig Udp(int port) => new() { Host = "127.0.0.1", Port = port };

    private static SyslogLogOutput Create(SyslogConfig config) => new(config, new SetTime(LogLines.Start));

    private static Match Parse(string message)
    {
        // RFC 5424 6, written down once more, by hand.
        Match match = Regex.Match(
            message,
            @"^<(?<pri>\d{1,3})>1 (?<time>\S+) (?<host>\S+) (?<tag>\S+) (?<pid>\S+) access - (?<text>.*)$",
            RegexOptions.None, TimeSpan.FromSeconds(5));
        Assert.True(match.Success, message);
        return match;
    }

    private static string Receive(Socket receiver)
    {
        byte[] datagram = new byte[64 * 1024];
        receiver.ReceiveTimeout = 20_000;
        return Encoding.UTF8.GetString(datagram, 0, receiver.Receive(datagram));
    }

    private Socket Listen()
    {
        var receiver = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        receiver.Bind(new UnixDomainSocketEndPoint(Path));
        return receiver;
    }
}
