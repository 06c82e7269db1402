using System.Buffers.Binary;
using System.Net;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// The address a request came from in the eyes of this gateway: the connection's, or behind trusted proxies the last
/// address in X-Forwarded-For that is not one of theirs. IPv4 as mapped to IPv6. 0 bytes.
/// </summary>
public readonly record struct ForwardedClient(UInt128 Address)
{
    /// <summary>Longest list that is walked; what stands further left is not believed.</summary>
    private const int MaxHops = 32;

    public static ForwardedClient Of(Exchange exchange)
    {
        var client = exchange.Client;
        if (!client.IsTrusted || !exchange.Request.Has(KnownHeader.XForwardedFor))
            return new ForwardedClient(client.Number);
        return new ForwardedClient(LastUntrusted(exchange, client.Number));
    }

    /// <summary>
    /// The network of <paramref name="ipv6Prefix"/> bits, or the whole IPv4 address, spread over 64 bits.
    /// </summary>
    public ulong Network(int ipv6Prefix)
    {
        bool isIpv4 = Address >> 32 == 0xffff;
        var network = isIpv4 || ipv6Prefix >= 128 ? Address : Address >> (128 - ipv6Prefix);
        return ((ulong)(network >> 64) * 0x9E3779B97F4A7C15) ^ (ulong)network;
    }

    private static UInt128 LastUntrusted(Exchange exchange, UInt128 found)
    {
        var head = exchange.HeadBytes;
        var fields = exchange.Request.Fields;
        int hops = 0;
        for (int index = fields.Length - 1; index >= 0; index--)
        {
            if (fields[index].Known != KnownHeader.XForwardedFor) continue;
            var list = fields[index].Value(head);
            while (!list.IsEmpty && hops++ < MaxHops)
            {
                int comma = list.LastIndexOf((byte)',');
                var text = list[(comma + 1)..].Trim(" \t"u8);
                list = comma < 0 ? default : list[..comma];
                // Whoever wrote what is no address is the last that is known.
                if (!AddressText.TryRead(text, out var address)) return found;
                found = address;
                if (!exchange.Snapshot.Forwarding.Trusts(address)) return found;
            }
        }
        return found;
    }
}
