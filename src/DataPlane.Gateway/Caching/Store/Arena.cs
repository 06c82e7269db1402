namespace DataPlane.Gateway.Caching.Store;

/// <summary>A pinned array that blocks are cut from.</summary>
internal sealed unsafe class Arena
{
    private readonly byte* _start;

    public Arena(int bytes)
    {
        Memory = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        fixed (byte* start = Memory) _start = start;
    }

    /// <summary>Kept by the leases' memory too, so that it outlives its place among the arenas.</summary>
    public byte[] Memory { get; }

    /// <summary>Where it starts; pinned, so it stays there while <see cref="Memory"/> is reachable.</summary>
    public byte* Start => _start;

    /// <summary>Bytes of blocks that are taken.</summary>
    public int TakenBytes { get; set; }

    /// <summary>It holds rows, which stay where they are as long as the store lives.</summary>
    public bool IsKept { get; set; }

    /// <summary>Nothing more is cut from it; it goes when it is empty.</summary>
    public bool IsClosed { get; set; }
}
