using DataPlane.Http.Http2;

namespace DataPlane.Tests.Http.Http2;

public sealed class Http2FrameHeadTests
{
    [Theory]
    [InlineData(0, Http2FrameType.Settings, Http2Flags.Acknowledgement, 0, "000000040100000000")]
    [InlineData(0xffffff, Http2FrameType.Data, Http2Flags.None, int.MaxValue, "ffffff00007fffffff")]
    [InlineData(0x012345, Http2FrameType.Headers, (Http2Flags)5, 0x01020304, "012345010501020304")]
    public void WhatIsWritten_IsReadAgain(int length, Http2FrameType type, Http2Flags flags, int stream, string hex)
    {
        byte[] bytes = new byte[Http2FrameHead.Bytes];
        var head = new Http2FrameHead(length, type, flags, stream);
        head.Write(bytes);
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
        Assert.Equal(head, Http2FrameHead.Read(bytes));
    }

    [Fact]
    public void ReservedBit_IsLeftOut() =>
        Assert.Equal(1, Http2FrameHead.Read(Convert.FromHexString("000000000080000001")).Stream);

    [Theory]
    [InlineData("x-a", "b", true)]
    [InlineData("x-a", "", true)]
    [InlineData("x-a", "caf\u00e9 b\tc", true)]
    [InlineData("", "b", false)]
    [InlineData("X-a", "b", false)]
    [InlineData("x a", "b", false)]
    [InlineData("x:a", "b", false)]
    [InlineData(":path", "b", false)]
    [InlineData("x-a", " b", false)]
    [InlineData("x-a", "b\t", false)]
    [InlineData("x-a", "b\r\nc: d", false)]
    [InlineData("x-a", "b\0", false)]
    [InlineData("connection", "close", false)]
    [InlineData("keep-alive", "1", false)]
    [InlineData("proxy-connection", "1", false)]
    [InlineData("transfer-encoding", "chunked", false)]
    [InlineData("upgrade", "h2c", false)]
    [InlineData("te", "trailers", false)]
    public void Field_IsGoodOrMakesItsMessageMalformed(string name, string value, bool isGood) =>
        Assert.Equal(isGood, Http2Fields.IsGood(Latin1.Bytes(name), Latin1.Bytes(value)));
}
