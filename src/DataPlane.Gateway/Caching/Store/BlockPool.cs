using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// Blocks of any size out of pinned arenas, in constant time: free blocks are listed by size, sixteen lists to a power
/// of two, and a freed block grows together with its free neighbours (two-level segregated fit; Masmano and others,
/// "TLSF", 2004). A block is what was asked for, rounded up to 16 bytes and with 32 bytes in front. Arenas are added
/// as they are needed, up to the limit. Under the shard's gate; 0 bytes but for a new arena.
/// </summary>
internal sealed unsafe class BlockPool
{
    public const int AlignBytes = 16;

    /// <summary>The smallest block: a header and as much again.</summary>
    private const int LeastBytes = 64;
    private const int LeastShift = 6;

    /// <summary>Arenas smaller than this are not worth their ends.</summary>
    private const int LeastArenaBytes = 4096;
    private const int Columns = 16;
    private const int ColumnShift = 4;
    private const int Rows = 20;
    private const byte Poison = 0xDD;

    private readonly bool _poisons;
    private readonly int[] _columnBits = new int[Rows];
    private readonly nint[] _lists = new nint[Rows * Columns];
    private Arena?[] _arenas = new Arena?[4];
    private int _rowBits;

    /// <summary><paramref name="poisons"/>: overwrite what is freed, so that tests see a use of it.</summary>
    public BlockPool(long limitBytes, bool poisons)
    {
        LimitBytes = limitBytes;
        _poisons = poisons;
    }

    /// <summary>What arenas may come to together.</summary>
    public long LimitBytes { get; set; }

    /// <summary>What the arenas there are come to, closed ones included.</summary>
    public long ArenaBytes { get; private set; }

    /// <summary>Bytes of blocks that are taken, headers included.</summary>
    public long TakenBytes { get; private set; }

    public byte[] MemoryOf(Block* block) => _arenas[block->Arena]!.Memory;

    /// <summary>The place of <paramref name="at"/>, which lies in this block, in <see cref="MemoryOf"/>.</summary>
    public int OffsetOf(Block* block, byte* at) => (int)(at - _arenas[block->Arena]!.Start);

    /// <summary>A block with room for so many bytes, or null when no free one is large enough.</summary>
    public Block* Take(int roomBytes)
    {
        int bytes = SizeFor(roomBytes);
        if (TakenBytes + bytes > LimitBytes) return null;
        Block* block = FindAtLeast(bytes);
        if (block == null) block = AddArena(Math.Min(CacheLimits.ArenaBytes, LimitBytes - ArenaBytes) & -AlignBytes);
        return block == null || block->Bytes < bytes ? null : Cut(block, bytes);
    }

    /// <summary>A new arena as one block, which is never closed; null when the limit leaves no room for it.</summary>
    public Block* TakeArena(int bytes)
    {
        var block = TakenBytes + bytes > LimitBytes ? null : AddArena(bytes & -AlignBytes);
        return block == null ? null : Keep(Cut(block, block->Bytes));
    }

    /// <summary>
    /// One of the largest free blocks, cut to <paramref name="roomBytes"/> if it is larger; null when even that has
    /// less room than <paramref name="leastBytes"/>.
    /// </summary>
    public Block* TakeLargest(int roomBytes, int leastBytes)
    {
        if (_rowBits == 0) return null;
        int row = BitOperations.Log2((uint)_rowBits);
        int column = BitOperations.Log2((uint)_columnBits[row]);
        var block = (Block*)_lists[(row * Columns) + column];
        if (block->RoomBytes < leastBytes || TakenBytes + Math.Min(block->Bytes, SizeFor(roomBytes)) > LimitBytes)
            return null;
        return Cut(block, Math.Min(block->Bytes, SizeFor(roomBytes)));
    }

    /// <summary>Gives back what a taken block has beyond so many bytes of room.</summary>
    public void Trim(Block* block, int roomBytes)
    {
        int before = block->Bytes;
        int bytes = SizeFor(roomBytes);
        // What is cut off would be listed, and a closed arena gives nothing out.
        if (before - bytes < LeastBytes || _arenas[block->Arena]!.IsClosed) return;
        if (_poisons) new Span<byte>((byte*)block + bytes, before - bytes).Fill(Poison);
        SplitOff(block, bytes);
        Count(block, bytes - before);
    }

    public void Free(Block* block)
    {
        Debug.Assert(!block->IsFree, "a block is freed once");
        Count(block, -block->Bytes);
        if (_poisons) new Span<byte>(Block.Room(block), block->RoomBytes).Fill(Poison);
        var arena = _arenas[block->Arena]!;
        if (arena.IsClosed) DropIfEmpty(block->Arena, arena);
        else GrowTogether(block);
    }

    /// <summary>The arena of this block is never closed.</summary>
    public Block* Keep(Block* block)
    {
        _arenas[block->Arena]!.IsKept = true;
        return block;
    }

    /// <summary>
    /// Closes the emptiest arena, when they come to more than the limit, and says which: when its blocks are freed it
    /// goes. -1: not needed, or the others hold rows.
    /// </summary>
    public int CloseOne()
    {
        if (OpenBytes() <= LimitBytes) return -1;
        int index = -1;
        for (int each = 0; each < _arenas.Length; each++)
        {
            if (_arenas[each] is not { IsKept: false, IsClosed: false } open) continue;
            if (index < 0 || open.TakenBytes < _arenas[index]!.TakenBytes) index = each;
        }
        if (index < 0) return -1;
        var arena = _arenas[index]!;
        for (var block = (Block*)arena.Start; block->Bytes != Block.HeaderBytes; block = After(block))
        {
            if (block->IsFree) Delist(block);
        }
        arena.IsClosed = true;
        DropIfEmpty(index, arena);
        return index;
    }

    private static int SizeFor(int roomBytes) =>
        Math.Max(LeastBytes, (roomBytes + Block.HeaderBytes + AlignBytes - 1) & -AlignBytes);

    private static Block* After(Block* block) => (Block*)((byte*)block + block->Bytes);

    // Row: the power of two; column: the next four bits.
    private static int PlaceOf(int bytes)
    {
        int power = BitOperations.Log2((uint)bytes);
        return ((power - LeastShift) * Columns) + ((bytes >> (power - ColumnShift)) & (Columns - 1));
    }

    private long OpenBytes()
    {
        long closed = 0;
        foreach (var arena in _arenas)
        {
            if (arena is { IsClosed: true }) closed += arena.Memory.Length;
        }
        return ArenaBytes - closed;
    }

    /// <summary>A free block out of the first list whose every block is large enough.</summary>
    private Block* FindAtLeast(int bytes)
    {
        int place = PlaceOf(bytes + (1 << (BitOperations.Log2((uint)bytes) - ColumnShift)) - 1);
        int row = place / Columns;
        int columns = _columnBits[row] & (-1 << (place % Columns));
        if (columns == 0)
        {
            int rows = _rowBits & (-1 << (row + 1));
            if (rows == 0) return null;
            row = BitOperations.TrailingZeroCount(rows);
            columns = _columnBits[row];
        }
        return (Block*)_lists[(row * Columns) + BitOperations.TrailingZeroCount(columns)];
    }

    private Block* Cut(Block* block, int bytes)
    {
        Delist(block);
        block->IsFree = false;
        block->Next = null;
        SplitOff(block, bytes);
        Count(block, block->Bytes);
        return block;
    }

    /// <summary>Makes a free block of what a taken one has too much, if that is enough for one.</summary>
    private void SplitOff(Block* block, int bytes)
    {
        int rest = block->Bytes - bytes;
        if (rest < LeastBytes) return;
        block->Bytes = bytes;
        Block* other = After(block);
        other->Bytes = rest;
        other->BytesBefore = bytes;
        other->Arena = block->Arena;
        GrowTogether(other);
    }

    /// <summary>Lists a free block, as one with the free blocks beside it.</summary>
    private void GrowTogether(Block* block)
    {
        Block* after = After(block);
        if (after->IsFree)
        {
            Delist(after);
            block->Bytes += after->Bytes;
        }
        var before = (Block*)((byte*)block - block->BytesBefore);
        if (block->BytesBefore != 0 && before->IsFree)
        {
            Delist(before);
            before->Bytes += block->Bytes;
            block = before;
        }
        After(block)->BytesBefore = block->Bytes;
        List(block);
    }

    private void List(Block* block)
    {
        int place = PlaceOf(block->Bytes);
        var first = (Block*)_lists[place];
        block->IsFree = true;
        block->Next = first;
        block->Previous = null;
        if (first != null) first->Previous = block;
        _lists[place] = (nint)block;
        _columnBits[place / Columns] |= 1 << (place % Columns);
        _rowBits |= 1 << (place / Columns);
    }

    private void Delist(Block* block)
    {
        int place = PlaceOf(block->Bytes);
        if (block->Next != null) block->Next->Previous = block->Previous;
        if (block->Previous != null)
        {
            block->Previous->Next = block->Next;
            return;
        }
        _lists[place] = (nint)block->Next;
        if (block->Next != null) return;
        ref int columns = ref _columnBits[place / Columns];
        columns &= ~(1 << (place % Columns));
        if (columns == 0) _rowBits &= ~(1 << (place / Columns));
    }

    private void Count(Block* block, int bytes)
    {
        TakenBytes += bytes;
        _arenas[block->Arena]!.TakenBytes += bytes;
    }

    /// <summary>An arena's one block, free; null when the limit leaves no room for so many bytes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // seldom
    private Block* AddArena(long bytes)
    {
        if (bytes < LeastArenaBytes || bytes > LimitBytes - ArenaBytes) return null;
        int index = Array.IndexOf(_arenas, value: null);
        if (index < 0)
        {
            // Leases read the array without the gate: the old one stays as it was.
            index = _arenas.Length;
            Array.Resize(ref _arenas, index * 2);
        }
        var arena = new Arena((int)bytes);
        _arenas[index] = arena;
        ArenaBytes += bytes;
        // The last header stands for the end: it is never free.
        var first = (Block*)arena.Start;
        *first = new Block { Bytes = (int)bytes - Block.HeaderBytes, Arena = index };
        *After(first) = new Block { Bytes = Block.HeaderBytes, BytesBefore = first->Bytes, Arena = index };
        List(first);
        return first;
    }

    private void DropIfEmpty(int index, Arena arena)
    {
        if (arena.TakenBytes != 0) return;
        _arenas[index] = null;
        ArenaBytes -= arena.Memory.Length;
    }
}
