using System.Numerics;
using System.Text;

namespace DataPlane.Gateway.Routing;

/// <summary>Finds host names, ignoring case: open addressing over indexes into the table's entries. Any thread;
/// lock-free; 0 bytes.</summary>
internal sealed class HostIndex
{
    private readonly HostEntry[] _entries;
    private readonly int[] _slots;
    private readonly int _longestBytes;

    public HostIndex(HostEntry[] entries, int[] places)
    {
        _entries = entries;
        // At most half full, so that a search always meets an empty slot.
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)places.Length * 2 + 1)];
        Array.Fill(_slots, HostTable.None);
        foreach (var place in places)
        {
            var name = entries[place].Name;
            var slot = ByteHash.OfIgnoringCase(name) & (_slots.Length - 1);
            while (_slots[slot] != HostTable.None)
                slot = (slot + 1) & (_slots.Length - 1);
            _slots[slot] = place;
            _longestBytes = Math.Max(_longestBytes, name.Length);
        }
    }

    public bool IsEmpty => _longestBytes == 0;

    /// <summary><see cref="HostTable.None"/> when the name is not there.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > _longestBytes) return HostTable.None;
        var mask = _slots.Length - 1;
        for (var slot = (int)(ByteHash.OfIgnoringCase(name) & mask); ; slot = (slot + 1) & mask)
        {
            var place = _slots[slot];
            if (place == HostTable.None || Ascii.EqualsIgnoreCase(_entries[place].Name, name)) return place;
        }
    }
}
