namespace DataPlane.Gateway.Transport;

/// <summary>What is known of the other end, without having read up to it.</summary>
public enum PeerState : byte
{
    Open,

    /// <summary>
    /// The peer sent FIN: it will send no more, but may still read (or may be gone; FIN does not tell).
    /// </summary>
    HalfClosed,

    /// <summary>RST, or both directions closed: nothing can be delivered any more.</summary>
    Gone,
}
