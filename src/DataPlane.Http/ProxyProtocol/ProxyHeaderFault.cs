namespace DataPlane.Http.ProxyProtocol;

/// <summary>Why a header is refused. Names are metric labels, in snake case.</summary>
public enum ProxyHeaderFault : byte
{
    None,

    /// <summary>Version 1 without CR LF in its first 107 bytes, or with either of them alone.</summary>
    LineEnd,

    /// <summary>Version 1: neither TCP4, TCP6 nor UNKNOWN, or not exactly the parts that belong to it.</summary>
    LineForm,

    /// <summary>An address of another family than announced, or not written in its one form.</summary>
    Address,

    /// <summary>A port above 65535 or not in plain decimals.</summary>
    Port,

    /// <summary>Version 2's signature with another version number.</summary>
    Version,

    /// <summary>Neither LOCAL nor PROXY.</summary>
    Command,

    /// <summary>A combination of address family and transport that the specification does not list.</summary>
    Family,

    /// <summary>Longer than <see cref="ProxyHeaderParser.MaxBytes"/>, or too short for its addresses.</summary>
    Length,

    /// <summary>A TLV that ends beyond the header, or whose value cannot be of its type.</summary>
    Tlv,

    /// <summary>The CRC32C in it is not that of its bytes.</summary>
    Checksum,
}
