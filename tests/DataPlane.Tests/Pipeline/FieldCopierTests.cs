using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Pipeline;

/// <summary>Runs of fields against a copy that is made field by field.</summary>
public sealed class FieldCopierTests
{
    private static readonly string[] s_names =
    [
        "Accept", "Connection", "Cookie", "X-Request-Id", "Te", "X-Mine", "X-Yours", "X_Forwarded_For", "Range",
    ];

    private static readonly string[] s_openings = [": ", ":", ":\t", ":  ", ": "];
    private static readonly string[] s_values = ["v", "", "a  b", "trailers", "W/\"x\""];
    private static readonly string[] s_ends = ["\r\n", " \r\n", "\r\n", "\t\r\n", "\r\n"];

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 12)]
    [InlineData(5, 63)]
    [InlineData(6, 64)]
    [InlineData(7, 65)]
    [InlineData(8, 128)]
    [InlineData(9, 130)]
    public void Copy_IsWhatFieldByFieldGives(int seed, int fieldCount)
    {
        var random = new Random(seed);
        for (int round = 0; round < 300; round++)
        {
            // Plain lines are the rule, or no run would be longer than one.
            int oddOneIn = random.Next(1, 30);
            byte[] head = Encoding.Latin1.GetBytes(Head(random, fieldCount, oddOneIn));
            var request = new RequestHead();
            var limits = HeadLimits.Default with { FieldCount = 200 };
            Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(head, request, limits));
            var filter = new RandomFilter(random);
            var before = round % 3 == 0 ? default : new ByteRange(0, FirstField(request));
            Assert.Equal(OneByOne(head, request, filter, before), Copied(head, request, filter, before));
        }
    }

    private static string Head(Random random, int fieldCount, int oddOneIn)
    {
        var text = new StringBuilder("GET / HTTP/1.0\r\n");
        for (int each = 0; each < fieldCount; each++)
        {
            bool isOdd = random.Next(oddOneIn) == 0;
            string name = s_names[random.Next(s_names.Length)];
            text.Append(name).Append(isOdd ? s_openings[random.Next(s_openings.Length)] : ": ");
            text.Append(s_values[random.Next(s_values.Length)]);
            text.Append(isOdd ? s_ends[random.Next(s_ends.Length)] : "\r\n");
        }
        return text.Append("\r\n").ToString();
    }

    private static int FirstField(RequestHead request) =>
        request.FieldCount == 0 ? request.HeadLength - 2 : request.Fields[0].NameStart;

    private static string OneByOne(byte[] head, RequestHead request, RandomFilter filter, ByteRange before)
    {
        var text = new StringBuilder(Encoding.Latin1.GetString(before.Of(head)));
        foreach (var field in request.Fields)
        {
            bool isAsked = (filter.AskedLengths >> (field.NameLength % 64) & 1) != 0;
            if (field.HopByHop || filter.Dropped.Has(field.Known)) continue;
            if (isAsked && !filter.Keeps(in field, head)) continue;
            text.Append(Encoding.Latin1.GetString(field.Name(head))).Append(": ");
            text.Append(Encoding.Latin1.GetString(field.Value(head))).Append("\r\n");
        }
        return text.ToString();
    }

    private static string Copied(byte[] head, RequestHead request, RandomFilter filter, ByteRange before)
    {
        byte[] bytes = new byte[head.Length + FieldCopier.Growth(request.FieldCount)];
        var writer = new HeadWriter(bytes);
        FieldCopier.Copy(ref writer, head, request.Fields, ref filter, before);
        return Encoding.Latin1.GetString(bytes, 0, writer.Length);
    }

    private readonly struct RandomFilter(Random random) : IFieldFilter
    {
        private readonly int _kept = random.Next();

        public KnownHeaderSet Dropped { get; } = random.Next(2) == 0
            ? KnownHeaderSet.Of(KnownHeader.XRequestId)
            : KnownHeaderSet.Of(KnownHeader.Cookie, KnownHeader.ForwardedAlias);

        public ulong AskedLengths { get; } = random.Next(2) == 0 ? 1UL << 6 : ulong.MaxValue;

        public bool Keeps(in HeaderField field, ReadOnlySpan<byte> head) =>
            ((_kept >> (head[field.NameStart + field.NameLength - 1] % 31)) & 1) != 0;
    }
}
