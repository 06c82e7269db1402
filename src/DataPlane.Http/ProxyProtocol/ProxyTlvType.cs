namespace DataPlane.Http.ProxyProtocol;

/// <summary>Types of version 2's extensions that are named by the specification (2.2) or widely sent.</summary>
public static class ProxyTlvType
{
    public const byte Alpn = 0x01;
    public const byte Authority = 0x02;
    public const byte Checksum = 0x03;
    public const byte NoOperation = 0x04;
    public const byte UniqueId = 0x05;
    public const byte Ssl = 0x20;
    public const byte SslVersion = 0x21;
    public const byte SslCommonName = 0x22;
    public const byte SslCipher = 0x23;
    public const byte NetworkNamespace = 0x30;

    /// <summary>AWS: one byte of subtype, then its value; subtype 1 is the id of a VPC endpoint.</summary>
    public const byte Aws = 0xEA;
}
