using System.Buffers;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Native;
using Microsoft.Win32.SafeHandles;

namespace DataPlane.Gateway.Transport.Epoll;

/// <summary>
/// Waits with epoll and dispatches to what is registered; owns what the connections of a loop share: the receive
/// buffer and the splice pipes. Loop thread only, except <see cref="Wake"/>.
/// </summary>
public sealed unsafe class EpollEngine : ILoopEngine
{
    private const ulong WakeTag = ulong.MaxValue;

    private readonly EpollEvents _events = new(TransportLimits.EventsPerWait);
    private readonly EpollEvents _change = new(1);
    private readonly SafeFileHandle _wake;
    private readonly int _epoll;
    private EpollSlot[] _slots = new EpollSlot[64];
    private readonly SubmissionRing? _ring;
    private readonly bool _isBatch;
    private readonly int[] _submitted = [];
    private readonly int[] _answers = [];
    private readonly Stack<EpollConnection> _spares = new();
    private EpollPipeWriter?[] _queued = new EpollPipeWriter?[64];
    private int _queuedCount;
    private int _usedSlots;
    private int _freeSlot = -1;
    private EventLoop? _loop;
    private byte[] _receiveBuffer;
    private EpollPipeReader? _borrower;
    private volatile bool _disposed;

    /// <summary>Throws <see cref="PlatformNotSupportedException"/> where the kernel has no epoll.</summary>
    /// <param name="usesRing">False keeps off io_uring also where there is one.</param>
    /// <param name="isBatch">False leaves the loop's thread the schedule it is started with, and never yields.</param>
    public EpollEngine(bool usesRing = true, bool isBatch = true)
    {
        _isBatch = isBatch;
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("epoll is Linux's.");
        _epoll = LibC.EpollCreate(LibC.CloseOnExec);
        if (_epoll < 0) throw new PlatformNotSupportedException($"epoll_create1 failed with error {LibC.LastError}.");
        int wake = LibC.EventFd(0, LibC.NonBlocking | LibC.CloseOnExec);
        if (wake < 0)
        {
            int error = LibC.LastError;
            LibC.Close(_epoll);
            throw new PlatformNotSupportedException($"eventfd failed with error {error}.");
        }
        _wake = new SafeFileHandle(wake, ownsHandle: true);
        _change.Set(0, EpollEvents.In, WakeTag);
        LibC.EpollControl(_epoll, LibC.EpollAdd, wake, _change.Address);
        _ring = usesRing ? SubmissionRing.TryCreate(TransportLimits.SendsPerCall) : null;
        if (_ring is not null)
        {
            _submitted = new int[_ring.Capacity];
            _answers = new int[_ring.Capacity];
        }
        _receiveBuffer = GC.AllocateUninitializedArray<byte>(TransportLimits.ReceiveBytes, pinned: true);
    }

    internal EventLoop Loop => _loop ?? throw new InvalidOperationException("The loop has not started.");

    /// <summary>Counts the waits: bounds what one connection does between two of them.</summary>
    internal int Turn { get; private set; }

    /// <summary>What is sent at the end of a turn goes to the kernel in one call, by io_uring.</summary>
    internal bool SendsTogether => _ring is not null;

    internal KernelPipes Pipes { get; } = new();

    /// <summary>Connections, listeners and pending connects registered at the moment.</summary>
    internal int Registered { get; private set; }

    internal bool IsDisposed => _disposed;

    /// <summary>Serial number for the names of this loop's connections.</summary>
    internal long NextSerial { get; set; }

    public void Start(EventLoop loop)
    {
        _loop = loop;
        if (_isBatch) ThreadSchedule.Batch();
    }

    public void Wait(int timeoutMs)
    {
        int count = 0;
        if (_isBatch && timeoutMs != 0)
        {
            // Whoever is ready to run here goes first, and may bring the next events: then nobody sleeps or wakes up.
            LibC.Yield();
            count = LibC.EpollWait(_epoll, _events.Address, _events.Count, timeoutMs: 0);
        }
        if (count == 0) count = LibC.EpollWait(_epoll, _events.Address, _events.Count, timeoutMs);
        Turn++;
        _loop!.RefreshTime();
        for (int index = 0; index < count; index++)
        {
            ulong tag = _events.TagAt(index);
            if (tag == WakeTag)
            {
                ulong ignored;
                LibC.Read(_wake, &ignored, sizeof(ulong));
                continue;
            }
            ref var slot = ref _slots[(uint)tag];
            if (slot.Generation == (uint)(tag >> 32)) slot.Target?.OnReady(_events.EventsAt(index));
        }
    }

    public void EndTurn()
    {
        // Whoever hears of a broken connection may queue more.
        for (int first = 0; first < _queuedCount;)
        {
            int last = _queuedCount;
            if (_ring is { } ring && last - first > 1)
            {
                last = Math.Min(last, first + ring.Capacity);
                Submit(ring, first, last);
            }
            for (; first < last; first++)
            {
                var writer = _queued[first];
                _queued[first] = null;
                writer?.SendQueued();
            }
        }
        _queuedCount = 0;
    }

    /// <summary>Has <see cref="EpollPipeWriter.SendQueued"/> called when the turn ends. 0 bytes, once grown.</summary>
    internal void SendAtEndOfTurn(EpollPipeWriter writer)
    {
        if (_queuedCount == _queued.Length) Array.Resize(ref _queued, _queued.Length * 2);
        _queued[_queuedCount++] = writer;
    }

    public void Wake()
    {
        if (_wake.IsClosed) return;
        try
        {
            ulong one = 1;
            LibC.Write(_wake, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The loop ended between the test and the write; the handle keeps the number from meaning another file.
        }
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        for (int index = 0; index < _usedSlots; index++) _slots[index].Target?.OnLoopEnd();
        Pipes.Dispose();
        _ring?.Dispose();
        _wake.Dispose();
        LibC.Close(_epoll);
    }

    /// <summary>An accepted connection, in an object that may have been another's. Takes the descriptor over.</summary>
    internal EpollConnection Rent(int fd, in SocketName remote, LoopListener listener, MemoryPool<byte> pool)
    {
        if (!_spares.TryPop(out var connection)) return new EpollConnection(this, fd, in remote, listener, pool);
        connection.Renew(fd, in remote, listener);
        return connection;
    }

    /// <summary>Keeps an object that nobody uses any more.</summary>
    internal void Return(EpollConnection connection)
    {
        if (_spares.Count < TransportLimits.SpareConnections) _spares.Push(connection);
    }

    /// <summary>Registers a descriptor and returns its slot, or -1 when the kernel refuses (memory, watches).</summary>
    internal int Add(int fd, IEpollTarget target, uint events)
    {
        int index = _freeSlot;
        if (index >= 0)
        {
            _freeSlot = _slots[index].NextFree;
        }
        else
        {
            if (_usedSlots == _slots.Length) Array.Resize(ref _slots, _slots.Length * 2);
            index = _usedSlots++;
        }
        _slots[index].Target = target;
        _slots[index].NextFree = -1;
        Registered++;
        _change.Set(0, events, TagOf(index));
        if (!_disposed && LibC.EpollControl(_epoll, LibC.EpollAdd, fd, _change.Address) == 0) return index;
        Remove(index);
        return -1;
    }

    /// <summary>Hands a registration over, as from a pending connect to its connection.</summary>
    internal void Replace(int index, IEpollTarget target) => _slots[index].Target = target;

    /// <summary>Changes the events waited for.</summary>
    internal void Modify(int index, int fd, uint events)
    {
        _change.Set(0, events, TagOf(index));
        LibC.EpollControl(_epoll, LibC.EpollModify, fd, _change.Address);
    }

    /// <summary>Forgets a registration; closing the descriptor, which must follow, takes it out of epoll.</summary>
    internal void Remove(int index)
    {
        ref var slot = ref _slots[index];
        slot.Target = null;
        slot.Generation++;
        slot.NextFree = _freeSlot;
        _freeSlot = index;
        Registered--;
    }

    /// <summary>
    /// As <see cref="Remove"/>, for a descriptor that another process has as well: closing it here would leave it in
    /// epoll.
    /// </summary>
    internal void RemoveShared(int index, int fd)
    {
        Remove(index);
        if (!_disposed) LibC.EpollControl(_epoll, LibC.EpollDelete, fd, _change.Address);
    }

    /// <summary>
    /// Lends the loop's receive buffer until <see cref="TakeBack"/>, or until another connection needs it: then the
    /// borrower moves what it keeps into a slab of its own, or, while its bytes are being looked at, keeps the array.
    /// </summary>
    internal byte[] Lend(EpollPipeReader? borrower)
    {
        if (_borrower is { } former)
        {
            _borrower = null;
            if (former.GiveUpLoan()) _receiveBuffer = Loop.Slabs.Rent(TransportLimits.ReceiveBytes);
        }
        _borrower = borrower;
        return _receiveBuffer;
    }

    /// <summary>Ends the loan; only its borrower calls.</summary>
    internal void TakeBack() => _borrower = null;

    /// <summary>Makes the sends of these writers in one call; only those with more to do stay queued.</summary>
    private void Submit(SubmissionRing ring, int first, int last)
    {
        int submitted = 0;
        for (int index = first; index < last; index++)
        {
            var writer = _queued[index]!;
            if (writer.TrySubmit(ring)) _submitted[submitted++] = index;
        }
        if (submitted == 0) return;
        ring.Submit(_answers);
        for (int index = 0; index < submitted; index++)
        {
            ref var writer = ref _queued[_submitted[index]];
            if (writer!.TakeAnswer(_answers[index])) writer = null;
        }
    }

    private ulong TagOf(int index) => (ulong)_slots[index].Generation << 32 | (uint)index;
}
