using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>DNS messages (RFC 1035, 4) as bytes. Cold; any thread. What a resolver sends is not trusted.</summary>
public static class DnsMessage
{
    /// <summary>Bytes of a reply over UDP we are ready for, told by EDNS (RFC 6891, 6.2.5).</summary>
    public const int UdpBytes = 1232;

    private const int HeaderBytes = 12;
    private const int MostNameBytes = 255;
    private const int MostRecords = 4096;

    /// <summary>Pointers followed in one name; more is a loop.</summary>
    private const int MostPointers = 64;

    /// <summary>A question with recursion wished for; null for a name that cannot be asked.</summary>
    public static byte[]? Question(ushort id, string name, DnsType type)
    {
        var message = new List<byte>(HeaderBytes + name.Length + 17);
        Put(message, id);
        Put(message, 0x0100);
        Put(message, 1);
        Put(message, 0);
        Put(message, 0);
        Put(message, 1);
        foreach (string label in name.TrimEnd('.').Split('.'))
        {
            byte[] bytes = Encoding.ASCII.GetBytes(label);
            if (bytes.Length is 0 or > 63) return null;
            message.Add((byte)bytes.Length);
            message.AddRange(bytes);
        }
        if (message.Count - HeaderBytes >= MostNameBytes) return null;
        message.Add(0);
        Put(message, (ushort)type);
        Put(message, 1);
        // The pseudo record of EDNS: root, type 41, our size in place of a class, nothing else.
        message.Add(0);
        Put(message, 41);
        Put(message, UdpBytes);
        message.AddRange(new byte[6]);
        return [.. message];
    }

    /// <summary>Null when the bytes are no reply to this very question.</summary>
    public static DnsReply? Parse(ReadOnlySpan<byte> message, ushort id, string name, DnsType type)
    {
        if (message.Length < HeaderBytes || U16(message, 0) != id) return null;
        int flags = U16(message, 2);
        if ((flags & 0x8000) == 0 || U16(message, 4) != 1) return null;
        int position = HeaderBytes;
        if (!TryName(message, ref position, out string asked) || position + 4 > message.Length) return null;
        if (asked != name.TrimEnd('.').ToLowerInvariant() || U16(message, position) != (ushort)type) return null;
        position += 4;
        var records = new List<DnsRecord>();
        int left = Math.Min(MostRecords, U16(message, 6) + U16(message, 8) + U16(message, 10));
        bool isTruncated = (flags & 0x0200) != 0;
        while (left-- > 0)
        {
            if (!TryRecord(message, ref position, out var record)) return isTruncated ? Reply() : null;
            if (record is not null) records.Add(record);
        }
        return Reply();

        DnsReply Reply() => new(flags & 15, isTruncated, records);
    }

    private static bool TryRecord(ReadOnlySpan<byte> message, ref int position, out DnsRecord? record)
    {
        record = null;
        if (!TryName(message, ref position, out string name) || position + 10 > message.Length) return false;
        var type = (DnsType)U16(message, position);
        bool isInternet = U16(message, position + 2) == 1;
        uint ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(position + 4)..]);
        int length = U16(message, position + 8);
        position += 10;
        if (position + length > message.Length) return false;
        int start = position;
        position += length;
        // RFC 2181, 8: a TTL with the highest bit set is 0.
        int seconds = ttl > int.MaxValue ? 0 : (int)ttl;
        if (!isInternet) return true;
        switch (type)
        {
            case DnsType.Address4 when length == 4:
            case DnsType.Address6 when length == 16:
                record = new DnsRecord(name, type, seconds, new IPAddress(message.Slice(start, length)));
                return true;
            case DnsType.Alias:
                if (!TryName(message, ref start, out string alias)) return false;
                record = new DnsRecord(name, type, seconds, Target: alias);
                return true;
            case DnsType.Service when length > 6:
                int fields = start;
                start += 6;
                if (!TryName(message, ref start, out string target)) return false;
                record = new DnsRecord(
                    name, type, seconds, Target: target, Port: U16(message, fields + 4),
                    Priority: U16(message, fields), Weight: U16(message, fields + 2));
                return true;
            default:
                return true;
        }
    }

    private static bool TryName(ReadOnlySpan<byte> message, ref int position, out string name)
    {
        name = "";
        var text = new StringBuilder();
        int at = position;
        int end = -1;
        for (int pointers = 0; at < message.Length;)
        {
            int length = message[at++];
            if (length == 0)
            {
                position = end < 0 ? at : end;
                name = text.ToString().ToLowerInvariant();
                return true;
            }
            if (length >= 0xc0)
            {
                if (at >= message.Length || ++pointers > MostPointers) return false;
                if (end < 0) end = at + 1;
                at = ((length & 0x3f) << 8) | message[at];
                continue;
            }
            if (length > 63 || at + length > message.Length || text.Length + length > MostNameBytes) return false;
            if (text.Length > 0) text.Append('.');
            text.Append(Encoding.Latin1.GetString(message.Slice(at, length)));
            at += length;
        }
        return false;
    }

    private static ushort U16(ReadOnlySpan<byte> message, int position) =>
        BinaryPrimitives.ReadUInt16BigEndian(message[position..]);

    private static void Put(List<byte> message, ushort value)
    {
        message.Add((byte)(value >> 8));
        message.Add((byte)value);
    }
}
