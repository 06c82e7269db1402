using System.Text.Json;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Http;
using DataPlane.Tests.Http.Corpora;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Vectors;

/// <summary>
/// Every collected request sent to the running gateway: each gets a deliberate answer, and what the upstream received
/// was valid for a strict reader.
/// </summary>
public sealed class GatewayVectorTests
{
    private static readonly int[] s_refusals = [400, 405, 408, 413, 414, 417, 431, 501, 505];

    [Theory]
    [EveryWire]
    public async Task ChunkTerminators_AreRefusedAtOnce(Wire wire)
    {
        if (!SharedCorpora.TryRead("http/h1_chunk_terminator_pairs.json", out var document)) return;
        await using var rig = await VectorRig.StartAsync(wire);
        int count = 0;
        foreach (var item in Items(document))
        {
            byte[] inverted = item.ReadBytes("inverted");
            bool isEmpty = Latin1.Text(inverted).EndsWith("\r\n\r\n0\r\n\r\n", StringComparison.Ordinal);
            await rig.ExpectAsync(Id(item), item.ReadBytes("forward"), [400]);
            await rig.ExpectAsync(Id(item) + " inverted", inverted, isEmpty ? [200] : [400]);
            count++;
        }
        Assert.True(count >= 26);
    }

    [Theory]
    [EveryWire]
    public async Task LengthPermutations_AreRefusedOrClean(Wire wire)
    {
        if (!SharedCorpora.TryRead("http/h1_portswigger_permutations.json", out var document)) return;
        await using var rig = await VectorRig.StartAsync(wire);
        int count = 0;
        foreach (var item in Items(document))
        {
            bool isEncoding = item.GetProperty("header").GetString() == "Transfer-Encoding";
            string lines = Latin1.Text(item.ReadBytes("lines"));
            if (!isEncoding) lines = lines.Replace("N", "5", StringComparison.Ordinal);
            string other = isEncoding ? "Content-Length: 5" : "Transfer-Encoding: chunked";
            // A body that is one as a length of 5 and as chunks, so that whoever takes it finds its end.
            const string body = "0\r\n\r\n";
            foreach (string fields in new[] { $"{lines}\r\n{other}", $"{other}\r\n{lines}", lines })
            {
                await rig.ExpectAsync(
                    $"{Id(item)}: {fields}",
                    Latin1.Bytes($"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n\r\n{body}"),
                    [200, .. s_refusals]);
            }
            count++;
        }
        Assert.True(count >= 82);
    }

    [Theory]
    [EveryWire]
    public async Task InvalidRequests_AreRefused(Wire wire)
    {
        if (!SharedCorpora.TryRead("http/h1_kestrel_parsing_data.json", out var document)) return;
        await using var rig = await VectorRig.StartAsync(wire);
        int count = 0;
        foreach (var item in Items(document))
        {
            string set = item.GetProperty("set").GetString()!;
            string text = Latin1.Text(item.ReadBytes("text"));
            string request = set switch
            {
                "RequestLineInvalidData" => text + "Host: a\r\n\r\n",
                "MethodWithNonTokenCharData" => text + " / HTTP/1.1\r\nHost: a\r\n\r\n",
                "UnrecognizedHttpVersionData" => $"GET / {text}\r\nHost: a\r\n\r\n",
                "RequestHeaderInvalidData" => $"GET / HTTP/1.1\r\nHost: a\r\n{text}\r\n\r\n",
                _ => $"GET {text} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            };
            await rig.ExpectAsync($"{set} {text}", Latin1.Bytes(request), [400, 505]);
            count++;
        }
        Assert.True(count >= 98);
        Assert.Empty(rig.Received);
    }

    [Theory]
    [EveryWire]
    public async Task ParserTests_AreAnsweredOrEnd(Wire wire)
    {
        if (!SharedCorpora.TryRead("http/h1_llhttp_vectors.json", out var document)) return;
        await using var rig = await VectorRig.StartAsync(wire);
        int count = 0;
        foreach (var item in Items(document))
        {
            string name = item.GetProperty("section").GetString()!;
            byte[] input = item.ReadBytes("input");
            await rig.ExpectAsync(name, input, [200, .. s_refusals]);
            await rig.ExpectAsync(name + " with Host", WithHost(input), [200, .. s_refusals]);
            count++;
        }
        Assert.True(count >= 272);
    }

    /// <summary>
    /// The vectors of responses are sent by an upstream: a client sees a whole answer, or a broken one.
    /// </summary>
    [Theory]
    [EveryWire]
    public async Task ResponsesOfParserTests_ReachTheClientWholeOrNotAtAll(Wire wire)
    {
        if (!SharedCorpora.TryRead("http/h1_llhttp_vectors.json", out var document)) return;
        await using var upstream = FakeUpstream.Start(records: false);
        await using var gateway = await TestGateway.ProxyAsync(wire, upstream.Url);
        int count = 0;
        foreach (var item in Items(document))
        {
            var meta = item.GetProperty("meta");
            bool isResponse = meta.TryGetProperty("type", out var type)
                && type.GetString()!.StartsWith("response", StringComparison.Ordinal);
            if (!isResponse) continue;
            string target = $"/vector-{count++}";
            upstream.AnswerRaw(target, item.ReadBytes("input"), thenClose: true);
            await using var client = await gateway.ConnectAsync();
            await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            string all = await client.ReadToEndAsync();
            Assert.True(
                client.WasReset || StrictResponses.AreWhole(all),
                $"{item.GetProperty("section").GetString()}: {all}");
        }
        Assert.True(count >= 60);
    }

    private static byte[] WithHost(byte[] input)
    {
        string text = Latin1.Text(input);
        int end = text.IndexOf("\r\n", StringComparison.Ordinal);
        bool hasHost = text.Contains("\nhost:", StringComparison.OrdinalIgnoreCase);
        return hasHost || end < 0 ? input : Latin1.Bytes(text.Insert(end + 2, "Host: a\r\n"));
    }

    private static string Id(JsonElement item) => item.GetProperty("id").GetString()!;

    private static JsonElement.ArrayEnumerator Items(JsonDocument document) =>
        document.RootElement.GetProperty("items").EnumerateArray();
}
