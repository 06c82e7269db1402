using System.Text;
using DataPlane.Http.Headers;

namespace DataPlane.Http.Http2;

/// <summary>The table that every HPACK context begins with (RFC 7541, appendix A). Any thread; 0 bytes.</summary>
public static class HpackStaticTable
{
    /// <summary>Indexes run from 1; those above are the dynamic table's.</summary>
    public const int Count = 61;

    public const int Authority = 1;
    public const int MethodGet = 2;
    public const int MethodPost = 3;
    public const int Path = 4;
    public const int SchemeHttp = 6;
    public const int SchemeHttps = 7;
    public const int Status200 = 8;

    private static readonly byte[][] s_names = new byte[Count + 1][];
    private static readonly byte[][] s_values = new byte[Count + 1][];
    private static readonly byte[] s_known = new byte[128];

    static HpackStaticTable()
    {
        string[] fields =
        [
            ":authority", ":method GET", ":method POST", ":path /", ":path /index.html", ":scheme http",
            ":scheme https", ":status 200", ":status 204", ":status 206", ":status 304", ":status 400", ":status 404",
            ":status 500", "accept-charset", "accept-encoding gzip, deflate", "accept-language", "accept-ranges",
            "accept", "access-control-allow-origin", "age", "allow", "authorization", "cache-control",
            "content-disposition", "content-encoding", "content-language", "content-length", "content-location",
            "content-range", "content-type", "cookie", "date", "etag", "expect", "expires", "from", "host", "if-match",
            "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified", "link",
            "location", "max-forwards", "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh",
            "retry-after", "server", "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent",
            "vary", "via", "www-authenticate",
        ];
        for (int index = 1; index <= Count; index++)
        {
            string[] field = fields[index - 1].Split(' ', 2);
            s_names[index] = Encoding.ASCII.GetBytes(field[0]);
            s_values[index] = field.Length == 2 ? Encoding.ASCII.GetBytes(field[1]) : [];
            var known = KnownHeaders.Identify(s_names[index]);
            if (known != KnownHeader.Other) s_known[(int)known] = (byte)index;
        }
    }

    /// <summary>Lower case. <paramref name="index"/> is 1 to <see cref="Count"/>.</summary>
    public static ReadOnlySpan<byte> Name(int index) => s_names[index];

    /// <summary>Empty where the table has a name only.</summary>
    public static ReadOnlySpan<byte> Value(int index) => s_values[index];

    /// <summary>An entry of that name; 0 when there is none.</summary>
    public static int IndexOf(KnownHeader known) => s_known[(int)known];
}
