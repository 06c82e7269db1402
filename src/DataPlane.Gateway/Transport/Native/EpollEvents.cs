using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Transport.Native;

/// <summary>
/// Pinned array of struct epoll_event, which is packed on x64 and padded elsewhere (EPOLL_PACKED in eventpoll.h): the
/// layout is chosen here once instead of by two structs.
/// </summary>
internal sealed unsafe class EpollEvents
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint PeerHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    private static readonly int s_tagOffset =
        RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;

    private static readonly int s_stride = s_tagOffset + sizeof(ulong);

    private readonly byte[] _bytes;

    public EpollEvents(int count)
    {
        Count = count;
        _bytes = GC.AllocateArray<byte>(count * s_stride, pinned: true);
    }

    public int Count { get; }

    /// <summary>Stays valid as long as this object is reachable: the array is pinned.</summary>
    public void* Address => Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_bytes));

    public uint EventsAt(int index) => Unsafe.ReadUnaligned<uint>(ref _bytes[index * s_stride]);

    public ulong TagAt(int index) => Unsafe.ReadUnaligned<ulong>(ref _bytes[index * s_stride + s_tagOffset]);

    public void Set(int index, uint events, ulong tag)
    {
        Unsafe.WriteUnaligned(ref _bytes[index * s_stride], events);
        Unsafe.WriteUnaligned(ref _bytes[index * s_stride + s_tagOffset], tag);
    }
}
