using DataPlane.Http.Http2;
using DataPlane.Tests.Functional.Http2;
using DataPlane.Tests.Http;
using DataPlane.Tests.Http.Http2;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// Header blocks: whatever comes, the decoder keeps within its bounds, and what it takes says the same to a reader that
/// knows nothing of it.
/// </summary>
public sealed class HpackFuzzTests
{
    private static readonly Mutation s_mutation = new(
        "\u0082", "\u0086", "\u00be", "\u00bf", "\u0040\u0001a\u0001b", "\0\u0001a\u0001b", "\u0010\u0001a\u0001b",
        "\u0020", "\u003f\u00e1\u001f", "\u003f\u0003", "\u007f\u0080\u0001", "\u00ff\u00ff\u00ff\u00ff\u000f",
        "\u007e\u0001x", "\u0041\u008c\u00f1\u00e3\u00c2\u00e5\u00f2\u003a\u006b\u00a0\u00ab\u0090\u00f4\u00ff");

    private static readonly byte[][] s_seeds =
    [
        .. HpackExamples.All().SelectMany(each => each.Blocks).Select(each => Convert.FromHexString(each.Block)),
        Hpack.Write((":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "0")),
    ];

    [Fact]
    public void TakenBlock_SaysTheSameToEverybody() => FuzzRun.Check(
        s_seeds,
        s_mutation,
        bytes =>
        {
            var decoder = new HpackDecoder(HpackDecoder.DefaultTableBytes);
            var oracle = new Hpack();
            bool isTaken = false;
            // The second time its table is as the first has left it.
            for (int each = 0; each < 2; each++)
            {
                var gathered = new GatheredFields();
                byte[] scratch = new byte[HpackDecoder.ScratchBytes(bytes.Length)];
                isTaken = decoder.TryDecode(bytes, scratch, gathered);
                Assert.InRange(decoder.TableBytes, 0, HpackDecoder.DefaultTableBytes);
                if (!isTaken) break;
                if (TryRead(oracle, bytes) is { } said) Assert.Equal(said, gathered.Fields);
                else break;
            }
            return isTaken;
        },
        takenOneIn: 50);

    /// <summary>Null for what has Huffman codes in it, which the oracle does not know.</summary>
    private static List<(string Name, string Value)>? TryRead(Hpack oracle, byte[] bytes)
    {
        try
        {
            return oracle.Read(bytes);
        }
        catch (Xunit.Sdk.XunitException)
        {
            return null;
        }
    }
}
