using System.Net;
using DataPlane.Gateway.Transport.Admission;
using DataPlane.Gateway.Transport.Native;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Transport.Admission;

/// <summary>Who is counted as whom, and when there are too many.</summary>
public sealed class ConnectionAdmissionTests
{
    private readonly VirtualTime _time = new();

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("::ffff:192.0.2.7", "::ffff:192.0.2.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::1", "::2", true)]
    [InlineData("::1", "0.0.0.1", false)]
    public void Address_CountsAsOneClient_ByItsPrefix(string one, string other, bool isSame) =>
        Assert.Equal(isSame, KeyOf(one) == KeyOf(other));

    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("2001:db8:1:2::1")]
    [InlineData("::ffff:192.0.2.7")]
    public void KernelsName_IsTheSameClient(string address)
    {
        var name = new IPEndPoint(IPAddress.Parse(address), 4711).Serialize();
        byte[] bytes = new byte[SocketName.Size];
        name.Buffer.Span[..Math.Min(name.Size, bytes.Length)].CopyTo(bytes);
        Assert.Equal(KeyOf(address), SocketName.From(bytes).ToKey(64));
        Assert.False(default(SocketName).ToKey(64).IsKnown);
    }

    [Fact]
    public void EachLimit_RefusesWithItsReason_AndCountsExactly()
    {
        var admission = Admission(new AdmissionLimits { Connections = 3, PerAddress = 2 });
        Assert.True(admission.TryEnter(KeyOf("192.0.2.1")));
        Assert.True(admission.TryEnter(KeyOf("192.0.2.1")));
        Assert.False(admission.TryEnter(KeyOf("192.0.2.1")));
        Assert.True(admission.TryEnter(KeyOf("192.0.2.2")));
        Assert.False(admission.TryEnter(KeyOf("192.0.2.3")));
        admission.Leave(KeyOf("192.0.2.1"));
        admission.IsClosed = true;
        Assert.False(admission.TryEnter(KeyOf("192.0.2.1")));
        admission.IsClosed = false;
        Assert.True(admission.TryEnter(KeyOf("192.0.2.1")));
        Assert.Equal((3, 2), (admission.Open, admission.Addresses));
        foreach (var reason in Enum.GetValues<RefusalReason>()) Assert.Equal(1, admission.Refused(reason));
    }

    [Fact]
    public async Task CountsOfManyThreads_ComeOutAtNothing()
    {
        var admission = Admission(new AdmissionLimits { PerAddress = 3 });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            var random = new Random(thread);
            for (int each = 0; each < 20_000; each++)
            {
                var key = KeyOf($"192.0.2.{random.Next(8)}");
                if (admission.TryEnter(key)) admission.Leave(key);
            }
        })));
        Assert.Equal((0, 0), (admission.Open, admission.Addresses));
    }

    [Fact]
    public void AcceptRate_LetsATenthOfASecondThrough_ThenOneAfterTheOther()
    {
        var admission = Admission(new AdmissionLimits { AcceptsPerSecond = 100 });
        Assert.Equal(10, AcceptAll(admission));
        Assert.Equal(10, admission.RestBeforeAccept(0));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(1, AcceptAll(admission));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(10, AcceptAll(admission));
        Assert.True(admission.Pauses > 0);
    }

    [Fact]
    public void FullBacklog_IsWaitedFor()
    {
        var admission = Admission(new AdmissionLimits { AcceptBacklog = 5 });
        Assert.Equal(0, admission.RestBeforeAccept(waiting: 4));
        Assert.True(admission.RestBeforeAccept(waiting: 5) > 0);
    }

    private static int AcceptAll(ConnectionAdmission admission)
    {
        int accepted = 0;
        for (; admission.RestBeforeAccept(0) == 0; accepted++) admission.TryEnter(default);
        return accepted;
    }

    private static AddressKey KeyOf(string address) =>
        AddressKey.Of(new IPEndPoint(IPAddress.Parse(address), 80), prefixBits: 64);

    private ConnectionAdmission Admission(AdmissionLimits limits) => new(_time) { Limits = () => limits };
}
