using System.Buffers;
using System.Text;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class RecordRingTests
{
    [Fact]
    public void NothingCommitted_NothingIsSeen()
    {
        var ring = new RecordRing(64, 16);
        Assert.True(ring.TryReserve(out var line));
        Assert.Equal(16, line.Length);
        Assert.Equal(0, ring.Peek(out _, out _));
    }

    [Fact]
    public void NoRoomForALine_IsRefusedUntilReleased()
    {
        var ring = new RecordRing(64, 16);
        int lines = 0;
        while (TryAppend(ring, "0123456789abcde\n")) lines++;
        Assert.Equal(4, lines);
        ring.Release(16);
        Assert.True(TryAppend(ring, "again\n"));
        Assert.False(TryAppend(ring, "too much\n"));
    }

    [Fact]
    public void HalfFull_IsReported()
    {
        var ring = new RecordRing(64, 16);
        Assert.False(Commit(ring, "0123456789abcde\n"));
        Assert.True(Commit(ring, "0123456789abcde\n"));
        ring.Release(32);
        Assert.False(Commit(ring, "0123456789abcde\n"));
    }

    [Fact]
    public void EveryLengthAtEveryOffset_ComesOutWhole()
    {
        const int Capacity = 64;
        for (int offset = 0; offset < Capacity; offset++)
        {
            for (int length = 1; length <= 16; length++)
            {
                var ring = new RecordRing(Capacity, 16);
                MoveTo(ring, offset);
                string line = new string((char)('a' + length), length - 1) + "\n";
                Assert.True(TryAppend(ring, line));
                Assert.Equal(line, Take(ring));
            }
        }
    }

    [Fact]
    public async Task LoopAppendsWhileWriterReads_EveryLineArrivesWholeOnceAndInOrder()
    {
        const int Lines = 300_000;
        var ring = new RecordRing(4096, 256);
        long dropped = 0;
        var loop = Task.Run(() =>
        {
            for (int number = 0; number < Lines; number++)
            {
                // The length depends on the number, so that a torn line cannot look like another one.
                string line = $"{number}:{new string('x', number % 190)}\n";
                if (!TryAppend(ring, line)) dropped++;
            }
        });
        // Bytes are only copied here and looked at afterwards: a reader close behind the loop meets more of its races.
        var taken = new ArrayBufferWriter<byte>(64 * 1024 * 1024);
        while (!loop.IsCompleted) CopyTo(taken, ring);
        await loop;
        CopyTo(taken, ring);
        var seen = new LineCheck();
        seen.Check(Encoding.ASCII.GetString(taken.WrittenSpan));
        Assert.Equal(Lines, seen.Count + dropped);
        Assert.True(seen.Count > 0);
    }

    private static bool TryAppend(RecordRing ring, string line)
    {
        if (!ring.TryReserve(out var space)) return false;
        ring.Commit(Encoding.ASCII.GetBytes(line, space));
        return true;
    }

    private static bool Commit(RecordRing ring, string line)
    {
        Assert.True(ring.TryReserve(out var space));
        return ring.Commit(Encoding.ASCII.GetBytes(line, space));
    }

    private static void MoveTo(RecordRing ring, int offset)
    {
        for (int left = offset; left > 0; left -= Math.Min(left, 16))
        {
            TryAppend(ring, new string('.', Math.Min(left, 16)));
            Take(ring);
        }
    }

    private static string Take(RecordRing ring)
    {
        int length = ring.Peek(out var first, out var second);
        string text = Encoding.ASCII.GetString(first) + Encoding.ASCII.GetString(second);
        ring.Release(length);
        return text;
    }

    private static void CopyTo(ArrayBufferWriter<byte> taken, RecordRing ring)
    {
        int length = ring.Peek(out var first, out var second);
        taken.Write(first);
        taken.Write(second);
        ring.Release(length);
    }

    private sealed class LineCheck
    {
        private int _last = -1;

        public long Count { get; private set; }

        public void Check(string text)
        {
            Assert.True(text.Length == 0 || text[^1] == '\n', "a run ends in the middle of a line");
            foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                int number = int.Parse(line.AsSpan(0, colon), System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(number > _last, $"{number} after {_last}");
                Assert.Equal(new string('x', number % 190), line[(colon + 1)..]);
                _last = number;
                Count++;
            }
        }
    }
}
