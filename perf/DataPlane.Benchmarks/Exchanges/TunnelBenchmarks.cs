using System.Text;
using BenchmarkDotNet.Attributes;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// Hot type: <see cref="DataPlane.Gateway.Integrations.Http.Tunnels.Tunnel"/>. A message of 32 bytes and its echo, each
/// passed on when it comes.
/// </summary>
[MemoryDiagnoser]
public class TunnelBenchmarks
{
    private static readonly byte[] s_up = [0x82, 0x80 | 32, 1, 2, 3, 4, .. new byte[32]];
    private static readonly byte[] s_down = [0x82, 32, .. new byte[32]];

    private GatewayRig _rig = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _rig = new GatewayRig();
        // Key and answer of RFC 6455 1.3.
        byte[] request = Encoding.ASCII.GetBytes(
            "GET /users/42 HTTP/1.1\r\nHost: api.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        byte[] answer = Encoding.ASCII.GetBytes(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        string head = _rig.AnswerTo(() => _rig.Proxy(request, answer));
        Expect.That(head.StartsWith("HTTP/1.1 101", StringComparison.Ordinal), "the upgrade is passed on");
        Expect.Same(s_up.Length + s_down.Length, MessageAndEcho());
    }

    [GlobalCleanup]
    public void CleanUp() => _rig.Dispose();

    [Benchmark]
    public int MessageAndEcho() => _rig.Client.Offer(s_up) + _rig.Upstream.Offer(s_down);
}
