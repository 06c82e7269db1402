namespace DataPlane.Gateway.Pipeline;

/// <summary>Who is guilty of an outcome.</summary>
public enum FaultSide : byte
{
    None,
    Client,
    Upstream,
    Gateway,
}
