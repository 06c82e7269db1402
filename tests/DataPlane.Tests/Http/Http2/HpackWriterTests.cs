using DataPlane.Http.Headers;
using DataPlane.Http.Http2;

namespace DataPlane.Tests.Http.Http2;

public sealed class HpackWriterTests
{
    [Fact]
    public void WhatIsWritten_IsReadAgain()
    {
        byte[] block = new byte[HpackWriter.Bound(2000, 8)];
        var writer = new HpackWriter(block);
        writer.PutNoTable();
        writer.PutIndexed(HpackStaticTable.MethodPost);
        writer.PutIndexed(HpackStaticTable.SchemeHttps);
        writer.PutNamed(HpackStaticTable.Path, "/a"u8);
        writer.PutNamed(HpackStaticTable.Authority, "a.example"u8);
        writer.PutField(KnownHeader.ContentType, "Content-Type"u8, "application/grpc"u8, "+proto"u8);
        writer.PutField(KnownHeader.Authorization, "Authorization"u8, "Bearer x"u8);
        writer.PutField(KnownHeader.Other, "X-Some-NAME"u8, Latin1.Bytes(new string('v', 1500)));
        writer.PutField(KnownHeader.Te, "TE"u8, "trailers"u8);

        var decoder = new HpackDecoder(HpackDecoder.DefaultTableBytes);
        var gathered = new GatheredFields();
        byte[] scratch = new byte[HpackDecoder.ScratchBytes(writer.Length)];
        Assert.True(decoder.TryDecode(block.AsSpan(0, writer.Length), scratch, gathered));
        Assert.Equal(
            ":method=POST|:scheme=https|:path=/a|:authority=a.example|content-type=application/grpc+proto"
            + $"|authorization=Bearer x|x-some-name={new string('v', 1500)}|te=trailers",
            gathered.Text);
        Assert.Equal(0, decoder.TableBytes);
    }

    [Fact]
    public void Secrets_AreNeverIndexed()
    {
        byte[] block = new byte[64];
        var writer = new HpackWriter(block);
        writer.PutField(KnownHeader.Cookie, "cookie"u8, "a"u8);
        // 0x10, the name's index 32 in a prefix of four bits, and one octet.
        Assert.Equal("1f110161", Convert.ToHexStringLower(block.AsSpan(0, writer.Length)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(126, 1)]
    [InlineData(127, 2)]
    [InlineData(254, 2)]
    [InlineData(255, 3)]
    [InlineData(20_000, 4)]
    public void Bound_HoldsForEveryLength(int length, int lengthBytes)
    {
        byte[] value = Latin1.Bytes(new string('v', length));
        byte[] block = new byte[HpackWriter.Bound(length, 1)];
        var writer = new HpackWriter(block);
        writer.PutNamed(HpackStaticTable.Path, value);
        Assert.Equal(1 + lengthBytes + length, writer.Length);
        var gathered = new GatheredFields();
        var decoder = new HpackDecoder(0);
        Assert.True(decoder.TryDecode(block.AsSpan(0, writer.Length), new byte[50_000], gathered));
        Assert.Equal(length, gathered.Fields.Single().Value.Length);
    }
}
