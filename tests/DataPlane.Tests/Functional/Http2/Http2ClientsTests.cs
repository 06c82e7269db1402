using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Functional.Operators;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>Clients that people use, through the whole gateway.</summary>
public sealed class Http2ClientsTests
{
    [Theory]
    [SocketWire]
    public async Task Curl_GetsAndUploads(Wire wire)
    {
        await using var upstream = StrictUpstream.Start();
        await using var gateway = (HostedGateway)await TestGateway.ProxyAsync(wire, upstream.Url);
        string url = gateway.Address.ToString();
        var (code, said) = await RealTool.RunAsync(
            "curl", "curl", "-sS", "-m", "20", "--http2-prior-knowledge", "-w", "%{http_version} %{http_code}",
            "-o", "/dev/null", url + "mock");
        Assert.Equal(0, code);
        Assert.Contains("2 200", said);
        string file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, new byte[2_000_000]);
        (code, said) = await RealTool.RunAsync(
            "curl", "curl", "-sS", "-m", "20", "--http2-prior-knowledge", "-w", "%{http_version} %{http_code}",
            "-o", "/dev/null", "--data-binary", "@" + file, url + "up");
        File.Delete(file);
        Assert.Equal((0, "2 200"), (code, said.Trim()));
        Assert.Empty(upstream.Violations);
        Assert.Contains(upstream.Requests, each => each.Length > 2_000_000);
    }

    [Theory]
    [SocketWire]
    public async Task Nghttp_SeesTheTrailers(Wire wire)
    {
        await using var upstream = FakeUpstream.Start();
        upstream.AnswerRaw(
            "/x", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\ngrpc-status: 0\r\n\r\n");
        await using var gateway = (HostedGateway)await TestGateway.ProxyAsync(wire, upstream.Url);
        var (code, said) = await RealTool.RunAsync(
            "nghttp", "nghttp2-client", "-nv", "-H", "te: trailers", gateway.Address + "x");
        Assert.Equal(0, code);
        Assert.Contains("grpc-status: 0", said);
    }

    [Theory]
    [SocketWire]
    public async Task H2load_LosesNothing(Wire wire)
    {
        await using var upstream = FakeUpstream.Start(records: false);
        await using var gateway = (HostedGateway)await TestGateway.ProxyAsync(wire, upstream.Url);
        var (code, said) = await RealTool.RunAsync(
            "h2load", "nghttp2-client", "-n", "2000", "-c", "4", "-m", "20", gateway.Address + "x");
        Assert.Equal(0, code);
        Assert.Contains("2000 succeeded, 0 failed, 0 errored", said);
        Assert.Contains("2000 2xx", said);
    }
}
