using System.Net;
using DataPlane.Gateway.Upstreams.Names;

namespace DataPlane.Tests.Upstreams.Names;

/// <summary>What a resolver sends is read without trust.</summary>
public sealed class DnsMessageTests
{
    private const string Name = "users.internal";

    // Header, question, an alias to x.y by pointer, and an address of x.y whose name points into the alias.
    private static readonly byte[] s_reply =
    [
        0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0,
        5, .. "users"u8, 8, .. "internal"u8, 0, 0, 1, 0, 1,
        0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 5, 1, (byte)'X', 1, (byte)'y', 0,
        0xc0, 44, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 0, 0, 7,
    ];

    [Fact]
    public void Question_IsWhatResolversExpect()
    {
        byte[] question = DnsMessage.Question(0x1234, Name, DnsType.Address4)!;
        byte[] expected =
        [
            0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1,
            5, .. "users"u8, 8, .. "internal"u8, 0, 0, 1, 0, 1,
            0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0,
        ];
        Assert.Equal(expected, question);
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("")]
    [InlineData("this-label-has-sixty-four-characters-which-is-one-more-than-it-may.x")]
    public void NameThatCannotBeAsked_HasNoQuestion(string name) =>
        Assert.Null(DnsMessage.Question(1, name, DnsType.Address4));

    [Fact]
    public void NameThatIsTooLong_HasNoQuestion() => Assert.Null(
        DnsMessage.Question(1, string.Join('.', Enumerable.Repeat("abcdefg", 32)), DnsType.Address4));

    [Fact]
    public void Reply_IsRead()
    {
        var reply = DnsMessage.Parse(s_reply, 0x1234, "Users.Internal.", DnsType.Address4)!;
        Assert.Equal(0, reply.Code);
        Assert.False(reply.IsTruncated);
        Assert.Equal(
            [
                new DnsRecord(Name, DnsType.Alias, 60, Target: "x.y"),
                new DnsRecord("x.y", DnsType.Address4, 30, IPAddress.Parse("10.0.0.7")),
            ],
            reply.Records);
    }

    [Fact]
    public void ReplyToSomethingElse_IsNone()
    {
        Assert.Null(DnsMessage.Parse(s_reply, 0x1235, Name, DnsType.Address4));
        Assert.Null(DnsMessage.Parse(s_reply, 0x1234, "other.internal", DnsType.Address4));
        Assert.Null(DnsMessage.Parse(s_reply, 0x1234, Name, DnsType.Address6));
        byte[] question = [.. s_reply];
        question[2] = 0x01;
        Assert.Null(DnsMessage.Parse(question, 0x1234, Name, DnsType.Address4));
    }

    [Fact]
    public void EveryShorterReply_IsNone()
    {
        for (int length = 0; length < s_reply.Length; length++)
            Assert.Null(DnsMessage.Parse(s_reply.AsSpan(0, length), 0x1234, Name, DnsType.Address4));
    }

    [Fact]
    public void PointerToItself_IsNone()
    {
        byte[] looping = [.. s_reply];
        looping[32] = 0xc0;
        looping[33] = 32;
        Assert.Null(DnsMessage.Parse(looping, 0x1234, Name, DnsType.Address4));
    }

    [Fact]
    public void Noise_NeverThrows()
    {
        var random = new Random(20261121);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] message = [.. s_reply];
            for (int each = random.Next(1, 6); each > 0; each--)
                message[random.Next(12, message.Length)] = (byte)random.Next(256);
            DnsMessage.Parse(message, 0x1234, Name, DnsType.Address4);
        }
    }
}
