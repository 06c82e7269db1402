using System.Numerics;

namespace DataPlane.Gateway.Loops;

/// <summary>
/// Timers of one loop: a hashed wheel of <see cref="SlotCount"/> slots of <see cref="SlotMs"/> each (Varghese and
/// Lauck, 1987, scheme 6). Set, move and cancel are O(1) and 0 bytes; a deadline fires up to one slot late, never
/// early. Loop thread only.
/// </summary>
public sealed class TimerWheel
{
    public const int SlotMs = 16;
    public const int SlotCount = 2048;
    private const int SlotMask = SlotCount - 1;

    private readonly LoopTimer?[] _slots = new LoopTimer?[SlotCount];
    private readonly ulong[] _occupied = new ulong[SlotCount / 64];
    private long _nowMs;
    private long _nextTick;

    // Head of the list being fired: Cancel of a timer in it must be able to move the head.
    private LoopTimer? _detached;

    public TimerWheel(long nowMs)
    {
        _nowMs = nowMs;
        _nextTick = nowMs / SlotMs;
    }

    /// <summary>Timers linked at the moment.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Fires <paramref name="timer"/> once, at <paramref name="dueMs"/> of loop time or up to a slot later.
    /// </summary>
    public void Set(LoopTimer timer, long dueMs)
    {
        timer.DueMs = Math.Max(dueMs, 1);
        if (timer.Slot >= 0)
        {
            // Later than linked: leave it, Advance moves it on. A keep-alive connection re-arms without touching a
            // list.
            if (timer.SlotMs <= dueMs) return;
            Unlink(timer);
        }
        Link(timer);
    }

    public void Cancel(LoopTimer timer)
    {
        timer.DueMs = 0;
        if (timer.Slot >= 0) Unlink(timer);
    }

    /// <summary>
    /// Turns the timer off but leaves it linked, for owners that will set it again soon: one field write.
    /// </summary>
    public static void Pause(LoopTimer timer) => timer.DueMs = 0;

    /// <summary>Milliseconds until the next occupied slot, 0 when one is due, -1 when there is no timer.</summary>
    public int NextDelayMs(long nowMs)
    {
        if (Count == 0) return -1;
        int start = (int)(_nextTick & SlotMask);
        for (int offset = 0; offset < SlotCount;)
        {
            int slot = (start + offset) & SlotMask;
            ulong word = _occupied[slot >> 6] >> (slot & 63);
            if (word == 0)
            {
                offset += 64 - (slot & 63);
                continue;
            }
            offset += BitOperations.TrailingZeroCount(word);
            long dueMs = ((_nextTick + offset) + 1) * SlotMs;
            return (int)Math.Max(0, dueMs - nowMs);
        }
        return SlotMs;
    }

    /// <summary>Fires everything due at <paramref name="nowMs"/>.</summary>
    public void Advance(long nowMs)
    {
        _nowMs = nowMs;
        long lastTick = nowMs / SlotMs - 1;
        if (Count == 0)
        {
            _nextTick = Math.Max(_nextTick, lastTick + 1);
            return;
        }
        // After a long sleep one turn visits every slot; more would visit them again for nothing.
        if (lastTick - _nextTick >= SlotCount) _nextTick = lastTick - SlotCount + 1;
        for (; _nextTick <= lastTick; _nextTick++) FireSlot((int)(_nextTick & SlotMask), nowMs);
    }

    private void FireSlot(int slot, long nowMs)
    {
        if ((_occupied[slot >> 6] & (1UL << (slot & 63))) == 0) return;
        // Detach the list first: a timer that is set again while firing may land in this very slot.
        var timer = _slots[slot];
        _slots[slot] = null;
        _occupied[slot >> 6] &= ~(1UL << (slot & 63));
        for (var each = timer; each is not null; each = each.Next) each.Slot = int.MaxValue;
        while (timer is not null)
        {
            var next = timer.Next;
            timer.Next = null;
            timer.Previous = null;
            timer.Slot = -1;
            Count--;
            if (next is not null) next.Previous = null;
            _detached = next;
            if (timer.DueMs != 0)
            {
                if (timer.DueMs <= nowMs)
                {
                    timer.DueMs = 0;
                    timer.Fire();
                }
                else
                {
                    Link(timer);
                }
            }
            timer = _detached;
        }
    }

    private void Link(LoopTimer timer)
    {
        long tick = Math.Max(timer.DueMs / SlotMs, _nowMs / SlotMs);
        if (tick < _nextTick) tick = _nextTick;
        // A deadline beyond one turn waits in the last slot of this turn and is linked again from there.
        if (tick - _nextTick >= SlotCount) tick = _nextTick + SlotCount - 1;
        int slot = (int)(tick & SlotMask);
        timer.Slot = slot;
        timer.SlotMs = tick * SlotMs;
        timer.Previous = null;
        timer.Next = _slots[slot];
        if (timer.Next is not null) timer.Next.Previous = timer;
        _slots[slot] = timer;
        _occupied[slot >> 6] |= 1UL << (slot & 63);
        Count++;
    }

    private void Unlink(LoopTimer timer)
    {
        int slot = timer.Slot;
        if (timer.Previous is not null) timer.Previous.Next = timer.Next;
        else if (slot == int.MaxValue) _detached = timer.Next;
        else _slots[slot] = timer.Next;
        if (timer.Next is not null) timer.Next.Previous = timer.Previous;
        if (slot != int.MaxValue && _slots[slot] is null) _occupied[slot >> 6] &= ~(1UL << (slot & 63));
        timer.Next = null;
        timer.Previous = null;
        timer.Slot = -1;
        Count--;
    }
}
