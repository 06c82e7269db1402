using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>The access log's word for the guilty side; empty when nobody is.</summary>
internal static class FaultSides
{
    public static ReadOnlySpan<byte> LabelOf(FaultSide side) => side switch
    {
        FaultSide.Client => "client"u8,
        FaultSide.Upstream => "upstream"u8,
        FaultSide.Gateway => "gateway"u8,
        _ => default,
    };
}
