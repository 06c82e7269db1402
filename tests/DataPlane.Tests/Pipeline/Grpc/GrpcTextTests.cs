using System.Text;
using DataPlane.Gateway.Pipeline.Grpc;

namespace DataPlane.Tests.Pipeline.Grpc;

/// <summary>What gRPC writes into fields.</summary>
public sealed class GrpcTextTests
{
    [Theory]
    [InlineData("1H", 3_600_000)]
    [InlineData("2M", 120_000)]
    [InlineData("3S", 3000)]
    [InlineData("4m", 4)]
    [InlineData("1500u", 2)]
    [InlineData("1n", 1)]
    [InlineData("0m", 1)]
    [InlineData("99999999H", int.MaxValue / 2)]
    public void Timeout_IsMilliseconds(string value, int milliseconds)
    {
        Assert.True(GrpcTimeouts.TryParse(Encoding.ASCII.GetBytes(value), out int parsed));
        Assert.Equal(milliseconds, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData("1.5S")]
    [InlineData(" 1S")]
    [InlineData("123456789S")]
    public void WhatIsNoTimeout_IsIgnored(string value) =>
        Assert.False(GrpcTimeouts.TryParse(Encoding.ASCII.GetBytes(value), out _));

    [Theory]
    [InlineData("application/grpc", GrpcKind.Grpc)]
    [InlineData("Application/GRPC+proto", GrpcKind.Grpc)]
    [InlineData("application/grpc; x=y", GrpcKind.Grpc)]
    [InlineData("application/grpc-web", GrpcKind.Web)]
    [InlineData("application/grpc-web+proto", GrpcKind.Web)]
    [InlineData("application/grpc-web-text+proto", GrpcKind.WebText)]
    [InlineData("application/grpcx", GrpcKind.None)]
    [InlineData("application/grpc-webx", GrpcKind.None)]
    [InlineData("application/grpc-web-texts", GrpcKind.None)]
    [InlineData("application/json", GrpcKind.None)]
    [InlineData("", GrpcKind.None)]
    public void ContentType_TellsTheKind(string type, GrpcKind kind) =>
        Assert.Equal(kind, GrpcKinds.Of(Encoding.ASCII.GetBytes(type)));

    [Theory]
    [InlineData("plain text.", "plain text.")]
    [InlineData("100 %", "100 %25")]
    [InlineData("a\r\n\u00f6~\u007f", "a%0D%0A%C3%B6~%7F")]
    public void Message_IsPercentEncoded(string text, string encoded) =>
        Assert.Equal(encoded, GrpcMessage.Encode(text));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("16", 16)]
    [InlineData("99", 99)]
    [InlineData("-1", -1)]
    [InlineData("1x", -1)]
    [InlineData("", -1)]
    public void Status_IsANumber(string value, int status) =>
        Assert.Equal(status, GrpcStatuses.Parse(Encoding.ASCII.GetBytes(value)));
}
