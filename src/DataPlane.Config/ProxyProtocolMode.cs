namespace DataPlane.Config;

/// <summary>Whether the connections of a listener begin with a PROXY header.</summary>
public enum ProxyProtocolMode
{
    /// <summary>They do not, and one is no HTTP.</summary>
    Off,

    /// <summary>All of them do, and only from trusted peers.</summary>
    Required,

    /// <summary>Those of trusted peers may; what others send is not looked at.</summary>
    Optional,
}
