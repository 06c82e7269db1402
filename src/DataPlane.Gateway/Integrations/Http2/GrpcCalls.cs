using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>What a gRPC call has beyond an exchange. Loop thread; 0 bytes.</summary>
internal static class GrpcCalls
{
    /// <summary>The client's own deadline ends the exchange, when it comes before the route's.</summary>
    public static void ArmDeadline(Exchange exchange)
    {
        if (!exchange.Request.TryFind(exchange.HeadBytes, "grpc-timeout"u8, out var field)) return;
        if (GrpcTimeouts.TryParse(field.Value(exchange.HeadBytes), out int timeoutMs))
            exchange.ArmClientDeadline(timeoutMs);
    }
}
