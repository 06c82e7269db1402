using DataPlane.Http;
using DataPlane.Http.Bodies;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;
using DataPlane.Tests.Http;
using DataPlane.Tests.Http.Requests;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// Requests: whatever way the bytes arrive, the verdict is one; what is taken can be written again and is the same; and
/// a strict reader that shares no code with ours finds the same request in what we would pass on.
/// </summary>
public sealed class RequestHeadFuzzTests
{
    [Fact]
    public void Verdict_IsTheSameForEverySplit() => FuzzRun.Check(
        FuzzSeeds.Requests,
        Mutation.Http,
        bytes =>
        {
            var whole = RequestVerdict.Parse(bytes, [], HeadLimits.Default);
            var random = new Random(bytes.Length);
            var splits = Enumerable.Range(0, 5).Select(_ => random.Next(bytes.Length + 1)).Order();
            Assert.Equal(whole, RequestVerdict.Parse(bytes, splits, HeadLimits.Default));
            return whole.Status == ParseStatus.Complete;
        },
        takenOneIn: 200);

    [Fact]
    public void TakenHead_IsTheSameWhenWrittenAgain() => FuzzRun.Check(
        FuzzSeeds.Requests,
        Mutation.Http,
        bytes =>
        {
            if (Parse(bytes) is not { } head) return false;
            byte[] again = Write(bytes, head);
            var second = Parse(again);
            Assert.NotNull(second);
            Assert.Equal(again.Length, second.HeadLength);
            Assert.Equal(Meaning(bytes, head), Meaning(again, second));
            return true;
        },
        takenOneIn: 200);

    [Fact]
    public void StrictReader_FindsTheSameRequest() => FuzzRun.Check(
        FuzzSeeds.Requests,
        Mutation.Http,
        bytes =>
        {
            if (Parse(bytes) is not { } head) return false;
            byte[] body = bytes[head.HeadLength..];
            byte[] written = Write(bytes, head);
            var strict = StrictRequestCheck.Examine([.. written, .. body]);
            long end = head.Framing switch
            {
                BodyFraming.None => 0,
                BodyFraming.Length => head.ContentLength <= body.Length ? head.ContentLength : -1,
                _ => EndOfChunks(body, out bool isRefused) is var at && isRefused ? -2 : at,
            };
            // The gateway drops trailers; that the reader looks at their names is its own business.
            bool isRefusedTrailer = strict.Fault?.StartsWith("trailer:", StringComparison.Ordinal) == true;
            if (end == -2 || isRefusedTrailer) return true;
            Assert.Null(strict.Fault);
            Assert.Equal(end < 0 ? 0 : written.Length + end, strict.Bytes);
            return true;
        },
        takenOneIn: 200);

    [Fact]
    public void Head_TakesNoMoreMemoryThanItsLimits()
    {
        var head = new RequestHead();
        FuzzRun.Check(
            FuzzSeeds.Requests,
            Mutation.Http,
            bytes =>
            {
                head.Reset();
                long before = GC.GetAllocatedBytesForCurrentThread();
                var status = RequestHeadParser.Parse(bytes, head, HeadLimits.Default);
                // The field array may grow to its limit, once; nothing else may be made.
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8192);
                Assert.InRange(head.FieldCount, 0, HeadLimits.Default.FieldCount);
                return status == ParseStatus.Complete;
            },
            takenOneIn: 200);
    }

    private static RequestHead? Parse(byte[] bytes)
    {
        var head = new RequestHead();
        return RequestHeadParser.Parse(bytes, head, HeadLimits.Default) == ParseStatus.Complete ? head : null;
    }

    /// <summary>The head as a proxy would send it on, framing fields once.</summary>
    private static byte[] Write(byte[] bytes, RequestHead head)
    {
        var text = new System.Text.StringBuilder();
        text.Append(Text(head.MethodRange)).Append(' ').Append(Text(head.TargetRange))
            .Append(" HTTP/1.").Append(head.VersionMinor).Append("\r\n");
        bool hasLength = false;
        foreach (ref readonly var field in head.Fields)
        {
            if (field.Known == KnownHeader.ContentLength && hasLength) continue;
            hasLength |= field.Known == KnownHeader.ContentLength;
            text.Append(Text(field.NameRange)).Append(": ").Append(Text(field.ValueRange)).Append("\r\n");
        }
        return Latin1.Bytes(text.Append("\r\n").ToString());

        string Text(ByteRange range) => Latin1.Text(range.Of(bytes));
    }

    private static string Meaning(byte[] bytes, RequestHead head)
    {
        var fields = new List<string>();
        bool hasLength = false;
        foreach (ref readonly var field in head.Fields)
        {
            if (field.Known == KnownHeader.ContentLength && hasLength) continue;
            hasLength |= field.Known == KnownHeader.ContentLength;
            fields.Add($"{Text(field.NameRange)}={Text(field.ValueRange)} {field.HopByHop}");
        }
        return $"{Text(head.MethodRange)} {Text(head.TargetRange)} {Text(head.PathRange)} {Text(head.QueryRange)} "
            + $"{Text(head.HostNameRange)}:{head.HostPort} {head.VersionMinor} {head.Framing} {head.ContentLength} "
            + $"{head.KeepAlive} {head.ExpectContinue} {head.HasUpgrade}\n{string.Join('\n', fields)}";

        string Text(ByteRange range) => Latin1.Text(range.Of(bytes));
    }

    /// <summary>-1 when more bytes are needed.</summary>
    private static int EndOfChunks(byte[] body, out bool isRefused)
    {
        var decoder = new ChunkedDecoder(8192, 100, 256);
        int at = 0;
        ChunkStatus status;
        do
        {
            status = decoder.Read(body.AsSpan(at), out int consumed, out _);
            at += consumed;
        }
        while (status == ChunkStatus.Data);
        isRefused = status == ChunkStatus.Invalid;
        return status == ChunkStatus.End ? at : -1;
    }
}
