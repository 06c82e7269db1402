using DataPlane.Tests.Http;

namespace DataPlane.Tests.Fuzz;

/// <summary>A few edits of a seed: bytes and the format's own tokens put in, taken out, doubled, spliced.</summary>
internal sealed class Mutation(params string[] tokens)
{
    private const int MostEdits = 5;
    private const int MostBytes = 64 * 1024;

    /// <summary>Of everything that is HTTP/1.1.</summary>
    public static Mutation Http { get; } = new(
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "%", "%2e", "%2f", "%00", "#", "?", "\u0080", "\u00ff",
        "\u007f", "\u000b", "chunked", "Chunked", "identity", "Content-Length: 1\r\n", "Content-Length: 00\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: x\r\n", "Host: a\r\n", "Connection: close\r\n", "0", "9",
        "+", "-", "0x", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "..", "/", "\\", "@", "[::1]", "\r\n\r\n", "0\r\n\r\n",
        "1\r\na\r\n", ";a=\"", "ffffffffffffffff", "99999999999999999999", " \r\n", "X: y\r\n",
        "Expect: 100-continue\r\n",
        "Upgrade: websocket\r\n", "\r\n ", "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    public byte[] Mutate(IReadOnlyList<byte[]> seeds, Random random)
    {
        var bytes = new List<byte>(seeds[random.Next(seeds.Count)]);
        for (int edits = random.Next(MostEdits) + 1; edits > 0; edits--) Edit(bytes, seeds, random);
        if (bytes.Count > MostBytes) bytes.RemoveRange(MostBytes, bytes.Count - MostBytes);
        return [.. bytes];
    }

    private void Edit(List<byte> bytes, IReadOnlyList<byte[]> seeds, Random random)
    {
        int at = random.Next(bytes.Count + 1);
        int length = Math.Min(1 << random.Next(6), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0:
                bytes.Insert(at, (byte)random.Next(256));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5:
                byte[] other = seeds[random.Next(seeds.Count)];
                int from = random.Next(other.Length + 1);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(from));
                break;
            case 6:
                bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), 1 << random.Next(10)));
                break;
            default:
                bytes.InsertRange(at, Latin1.Bytes(tokens[random.Next(tokens.Length)]));
                break;
        }
    }
}
