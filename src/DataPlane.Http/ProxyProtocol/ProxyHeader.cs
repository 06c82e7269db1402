namespace DataPlane.Http.ProxyProtocol;

/// <summary>
/// A parsed header: what it says, and where in its bytes. Addresses are copied, as the network writes them; ranges
/// count from the header's first byte. Reusable; one per connection that has one.
/// </summary>
public sealed class ProxyHeader
{
    /// <summary>Bytes of the longest address, a unix path.</summary>
    internal const int AddressBytes = 108;

    private readonly byte[] _source = new byte[AddressBytes];
    private readonly byte[] _destination = new byte[AddressBytes];
    private int _addressLength;

    /// <summary>1 or 2; 0 before a header was recognised.</summary>
    public int Version { get; internal set; }

    /// <summary>Bytes of the whole header once it is complete: what follows is the connection's.</summary>
    public int Length { get; internal set; }

    public ProxyCommand Command { get; internal set; }

    public ProxyFamily Family { get; internal set; }

    /// <summary>The client's connection to the proxy was made of datagrams, as in HTTP/3.</summary>
    public bool IsDatagram { get; internal set; }

    /// <summary>4 or 16 bytes in network order, or a unix path padded with zeros; empty when unknown.</summary>
    public ReadOnlySpan<byte> Source => _source.AsSpan(0, _addressLength);

    public ReadOnlySpan<byte> Destination => _destination.AsSpan(0, _addressLength);

    public int SourcePort { get; internal set; }

    public int DestinationPort { get; internal set; }

    /// <summary>Version 2's extensions, checked; read them with <see cref="ProxyTlvReader"/>.</summary>
    public ByteRange Tlvs { get; internal set; }

    public ProxyHeaderFault Fault { get; internal set; }

    /// <summary>True when the addresses are those of a client.</summary>
    public bool HasAddresses => Command == ProxyCommand.Proxy && Family != ProxyFamily.Unknown;

    internal Span<byte> SourceBuffer => _source;

    internal Span<byte> DestinationBuffer => _destination;

    internal void SetFamily(ProxyFamily family)
    {
        Family = family;
        _addressLength = family switch
        {
            ProxyFamily.IPv4 => 4,
            ProxyFamily.IPv6 => 16,
            ProxyFamily.Unix => AddressBytes,
            _ => 0,
        };
    }

    internal void Reset()
    {
        Version = Length = SourcePort = DestinationPort = 0;
        Command = ProxyCommand.Local;
        SetFamily(ProxyFamily.Unknown);
        IsDatagram = false;
        Tlvs = default;
        Fault = ProxyHeaderFault.None;
    }
}
