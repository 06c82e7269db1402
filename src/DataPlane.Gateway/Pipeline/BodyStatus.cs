namespace DataPlane.Gateway.Pipeline;

public enum BodyStatus : byte
{
    Bytes,
    End,
    Malformed,
    TooLarge,
    TooSlow,
    PeerGone,
    Cancelled,
}
