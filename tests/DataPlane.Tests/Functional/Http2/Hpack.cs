using System.Text;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>
/// HPACK (RFC 7541) as far as the tests need it: writes literals that nobody checks, reads what a server without
/// Huffman codes sends. One per direction of a connection.
/// </summary>
internal sealed class Hpack
{
    private const int StaticEntries = 61;

    private static readonly string[] s_static =
    [
        ":authority", ":method=GET", ":method=POST", ":path=/", ":path=/index.html", ":scheme=http", ":scheme=https",
        ":status=200", ":status=204", ":status=206", ":status=304", ":status=400", ":status=404", ":status=500",
        "accept-charset", "accept-encoding=gzip, deflate", "accept-language", "accept-ranges", "accept",
        "access-control-allow-origin", "age", "allow", "authorization", "cache-control", "content-disposition",
        "content-encoding", "content-language", "content-length", "content-location", "content-range", "content-type",
        "cookie", "date", "etag", "expect", "expires", "from", "host", "if-match", "if-modified-since",
        "if-none-match", "if-range", "if-unmodified-since", "last-modified", "link", "location", "max-forwards",
        "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after", "server",
        "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via",
        "www-authenticate",
    ];

    private readonly List<(string Name, string Value)> _dynamic = [];
    private int _at;

    /// <summary>Literals without indexing; the bytes of name and value as they are.</summary>
    public static byte[] Write(params (string Name, string Value)[] fields)
    {
        using var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }
        return block.ToArray();
    }

    public List<(string Name, string Value)> Read(byte[] block)
    {
        var fields = new List<(string, string)>();
        _at = 0;
        while (_at < block.Length)
        {
            byte first = block[_at];
            if (first >= 0x80)
            {
                fields.Add(Entry(ReadNumber(block, 7)));
            }
            else if ((first & 0xe0) == 0x20)
            {
                if (ReadNumber(block, 5) == 0) _dynamic.Clear();
            }
            else
            {
                bool isIndexed = first >= 0x40;
                int index = ReadNumber(block, isIndexed ? 6 : 4);
                string name = index == 0 ? ReadText(block) : Entry(index).Name;
                var field = (name, ReadText(block));
                if (isIndexed) _dynamic.Insert(0, field);
                fields.Add(field);
            }
        }
        return fields;
    }

    private (string Name, string Value) Entry(int index)
    {
        if (index > StaticEntries) return _dynamic[index - StaticEntries - 1];
        string[] parts = s_static[index - 1].Split('=', 2);
        return (parts[0], parts.Length == 2 ? parts[1] : "");
    }

    private string ReadText(byte[] block)
    {
        Assert.True(block[_at] < 0x80, "a Huffman code");
        int length = ReadNumber(block, 7);
        string text = Encoding.Latin1.GetString(block, _at, length);
        _at += length;
        return text;
    }

    private int ReadNumber(byte[] block, int bits)
    {
        int most = (1 << bits) - 1;
        int number = block[_at++] & most;
        if (number < most) return number;
        for (int shift = 0; ; shift += 7)
        {
            byte part = block[_at++];
            number += (part & 0x7f) << shift;
            if (part < 0x80) return number;
        }
    }

    private static void WriteText(MemoryStream block, string text)
    {
        int rest = text.Length;
        if (rest < 0x7f)
        {
            block.WriteByte((byte)rest);
        }
        else
        {
            block.WriteByte(0x7f);
            for (rest -= 0x7f; rest >= 0x80; rest >>= 7) block.WriteByte((byte)((rest & 0x7f) | 0x80));
            block.WriteByte((byte)rest);
        }
        block.Write(Encoding.Latin1.GetBytes(text));
    }
}
