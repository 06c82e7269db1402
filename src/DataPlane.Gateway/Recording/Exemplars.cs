using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// A recent traced exchange per bucket of one histogram on one loop, for the scraper to link from the bucket to the
/// trace. The owning loop keeps one per bucket and period, any thread reads; 0 bytes.
/// <para>
/// Races: a slot's version is odd while its loop writes it; a reader that saw an odd version, or another one after
/// copying than before, has nothing, and finds it at the next scrape. Stress test: ExemplarsTests.
/// </para>
/// </summary>
internal sealed class Exemplars(int buckets)
{
    public const int TraceIdBytes = 32;

    private readonly Slot[] _slots = new Slot[buckets];

    /// <summary>
    /// Keeps the exchange unless the bucket's last one is younger than <paramref name="periodTicks"/>. The owning loop.
    /// </summary>
    public void Offer(int bucket, ReadOnlySpan<byte> traceId, long valueTicks, long timestamp, long periodTicks)
    {
        ref var slot = ref _slots[bucket];
        if (slot.Version != 0 && timestamp - slot.Timestamp < periodTicks) return;
        int version = slot.Version;
        Volatile.Write(ref slot.Version, version + 1);
        Thread.MemoryBarrier();
        traceId[..TraceIdBytes].CopyTo(slot.TraceId);
        slot.ValueTicks = valueTicks;
        slot.Timestamp = timestamp;
        Volatile.Write(ref slot.Version, version + 2);
    }

    /// <summary>
    /// Copies a bucket's exemplar when there is one younger than <paramref name="than"/>. Any thread.
    /// </summary>
    public bool TryRead(int bucket, long than, Span<byte> traceId, out long valueTicks, out long timestamp)
    {
        ref var slot = ref _slots[bucket];
        int version = Volatile.Read(ref slot.Version);
        timestamp = slot.Timestamp;
        valueTicks = slot.ValueTicks;
        if (version == 0 || (version & 1) != 0 || timestamp <= than) return false;
        Span<byte> copy = stackalloc byte[TraceIdBytes];
        ((ReadOnlySpan<byte>)slot.TraceId).CopyTo(copy);
        Thread.MemoryBarrier();
        if (Volatile.Read(ref slot.Version) != version) return false;
        copy.CopyTo(traceId);
        return true;
    }

    private struct Slot
    {
        public int Version;
        public long Timestamp;
        public long ValueTicks;
        public TraceIdText TraceId;
    }

    [InlineArray(TraceIdBytes)]
    private struct TraceIdText
    {
        private byte _first;
    }
}
