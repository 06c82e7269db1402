using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Transport.Native;

/// <summary>
/// An io_uring for calls that never wait: put in one after the other, made by the kernel in this order when submitted,
/// answered before <see cref="Submit"/> returns. One thread; 0 bytes per call.
/// <para>Layouts: io_uring(7), io_uring_setup(2) and linux/io_uring.h of a 64-bit Linux.</para>
/// </summary>
internal sealed unsafe class SubmissionRing : IDisposable
{
    private const nint SetupCall = 425;
    private const nint EnterCall = 426;
    private const int EntryBytes = 64;
    private const int AnswerBytes = 16;
    private const byte SendOperation = 26;

    // A call that fails does not keep the ones behind it from being made (Linux 5.18).
    private const uint SubmitAll = 1u << 7;
    private const uint SingleMapping = 1u << 0;
    private const long EntriesOffset = 0x10000000;

    private readonly int _fd;
    private readonly byte* _shared;
    private readonly nint _sharedBytes;
    private readonly byte* _entries;
    private readonly nint _entriesBytes;
    private readonly uint* _head;
    private readonly uint* _tail;
    private readonly uint* _answersHead;
    private readonly uint* _answersTail;
    private readonly byte* _answers;
    private readonly uint _mask;
    private readonly uint _answersMask;
    private uint _next;

    private SubmissionRing(int fd, in Parameters parameters)
    {
        _fd = fd;
        Capacity = (int)parameters.Entries;
        _entriesBytes = (nint)parameters.Entries * EntryBytes;
        _sharedBytes = Math.Max(
            (nint)(parameters.OfEntries.Array + parameters.Entries * sizeof(uint)),
            (nint)(parameters.OfAnswers.Answers + parameters.AnswerEntries * AnswerBytes));
        _shared = LibC.MapShared(fd, _sharedBytes, 0);
        _entries = LibC.MapShared(fd, _entriesBytes, EntriesOffset);
        if (_shared is null || _entries is null) return;
        _head = (uint*)(_shared + parameters.OfEntries.Head);
        _tail = (uint*)(_shared + parameters.OfEntries.Tail);
        _mask = *(uint*)(_shared + parameters.OfEntries.Mask);
        _answersHead = (uint*)(_shared + parameters.OfAnswers.Head);
        _answersTail = (uint*)(_shared + parameters.OfAnswers.Tail);
        _answersMask = *(uint*)(_shared + parameters.OfAnswers.Mask);
        _answers = _shared + parameters.OfAnswers.Answers;
        // The indirection between the two is not used: each place of the queue names its own entry.
        uint* array = (uint*)(_shared + parameters.OfEntries.Array);
        for (uint index = 0; index < parameters.Entries; index++) array[index] = index;
        _next = *_tail;
    }

    /// <summary>Calls that fit between two submissions.</summary>
    public int Capacity { get; }

    /// <summary>Null where the kernel has none (before 5.18) or a sandbox or the system's owner forbids it.</summary>
    /// <param name="capacity">A power of two, at most 4,096: 80 bytes of kernel memory each.</param>
    public static SubmissionRing? TryCreate(int capacity)
    {
        var parameters = new Parameters { Flags = SubmitAll };
        int fd = (int)LibC.SystemCall(SetupCall, capacity, (nint)(&parameters), 0, 0, 0, 0);
        if (fd < 0) return null;
        var ring = new SubmissionRing(fd, in parameters);
        if ((parameters.Features & SingleMapping) != 0 && ring._answers is not null) return ring;
        ring.Dispose();
        return null;
    }

    /// <summary>
    /// Adds a send that takes what fits and never waits. The bytes must be pinned, and theirs until the submission;
    /// at most <see cref="Capacity"/> of them.
    /// </summary>
    public void Send(int socket, void* bytes, int length)
    {
        ulong* entry = (ulong*)(_entries + (nint)(_next & _mask) * EntryBytes);
        new Span<ulong>(entry, EntryBytes / sizeof(ulong)).Clear();
        entry[0] = SendOperation | (ulong)(uint)socket << 32;
        entry[2] = (ulong)bytes;
        entry[3] = (uint)length | (ulong)(LibC.MessageNoSignal | LibC.MessageDoNotWait) << 32;
        entry[4] = _next - *_tail;
        _next++;
    }

    /// <summary>
    /// Makes all calls added and puts the answer of each in its place: bytes sent, or an error number below 0.
    /// <see cref="Errno.Interrupted"/> for those that the kernel did not begin, for want of memory.
    /// </summary>
    public void Submit(Span<int> answers)
    {
        uint first = *_tail;
        uint count = _next - first;
        answers[..(int)count].Fill(-Errno.Interrupted);
        Volatile.Write(ref *_tail, _next);
        LibC.SystemCall(EnterCall, _fd, (nint)count, 0, 0, 0, 0);
        TakeAnswers(answers);
        uint reached = Volatile.Read(ref *_head);
        if (reached != _next) TakeBack(reached);
    }

    public void Dispose()
    {
        if (_shared is not null) LibC.Unmap(_shared, _sharedBytes);
        if (_entries is not null) LibC.Unmap(_entries, _entriesBytes);
        LibC.Close(_fd);
    }

    private void TakeAnswers(Span<int> answers)
    {
        uint head = *_answersHead;
        uint tail = Volatile.Read(ref *_answersTail);
        for (; head != tail; head++)
        {
            byte* answer = _answers + (nint)(head & _answersMask) * AnswerBytes;
            answers[(int)*(ulong*)answer] = *(int*)(answer + sizeof(ulong));
        }
        Volatile.Write(ref *_answersHead, head);
    }

    // What was not begun is nobody's: the next submission must not make it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeBack(uint reached)
    {
        _next = reached;
        Volatile.Write(ref *_tail, reached);
    }

    /// <summary>struct io_uring_params</summary>
    private struct Parameters
    {
        public uint Entries;
        public uint AnswerEntries;
        public uint Flags;
        public uint ThreadProcessor;
        public uint ThreadIdle;
        public uint Features;
        public uint WorkQueue;
        public uint Reserved1, Reserved2, Reserved3;
        public EntryOffsets OfEntries;
        public AnswerOffsets OfAnswers;
    }

    /// <summary>struct io_sqring_offsets</summary>
    private struct EntryOffsets
    {
        public uint Head, Tail, Mask, Count, Flags, Dropped, Array, Reserved;
        public ulong UserAddress;
    }

    /// <summary>struct io_cqring_offsets</summary>
    private struct AnswerOffsets
    {
        public uint Head, Tail, Mask, Count, Overflow, Answers, Flags, Reserved;
        public ulong UserAddress;
    }
}
