using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Transport.Native;

/// <summary>
/// The system calls of the transport. All sockets are non-blocking, so that only <see cref="EpollWait"/> can wait. A
/// negative result means <see cref="LastError"/>, but for that one, whose failures are interruptions.
/// </summary>
internal static unsafe partial class LibC
{
    public const int AddressFamilyUnix = 1;
    public const int AddressFamilyInet = 2;
    public const int AddressFamilyInet6 = 10;
    public const int NonBlockingStream = 1 | NonBlocking | CloseOnExec;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int LevelSocket = 1;
    public const int LevelTcp = 6;
    public const int LevelIpv6 = 41;
    public const int OptionReuseAddress = 2;
    public const int OptionError = 4;
    public const int OptionLinger = 13;
    public const int OptionReusePort = 15;
    public const int OptionAcceptsConnections = 30;
    public const int OptionNoDelay = 1;
    public const int OptionNotSentLowWater = 25;
    public const int OptionIpv6Only = 26;
    public const int MessageNoSignal = 0x4000;
    public const int MessagePeek = 0x2;
    public const int MessageDoNotWait = 0x40;
    public const int ShutdownWrite = 1;
    public const int EpollAdd = 1;
    public const int EpollDelete = 2;
    public const int EpollModify = 3;
    public const int SpliceMove = 1;
    public const int SpliceNonBlocking = 2;
    public const int SetPipeSize = 1031;
    public const int SetDescriptorFlags = 2;
    public const int GetStatusFlags = 3;
    public const int SetStatusFlags = 4;
    public const int CloseOnExecFlag = 1;

    // Elsewhere there is no such call, which fails, and the second one does it.
    private static readonly nint s_receiveFrom = NumberOf(x64: 45, arm64: 207);
    private static readonly nint s_sendTo = NumberOf(x64: 44, arm64: 206);

    public static int LastError => Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int fd, void* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    public static partial int EpollWait(int epoll, void* events, int count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    public static partial int Yield();

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle fd, void* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeHandle fd, void* buffer, nint length);

    /// <summary>Bytes received, 0 at the end of the input. May have asked the kernel twice when it fails.</summary>
    public static nint Receive(int fd, void* buffer, nint length, int flags)
    {
        nint received = Transfer(s_receiveFrom, fd, buffer, length, flags, null, 0);
        return received >= 0 ? received : ReceiveAgain(fd, buffer, length, flags);
    }

    /// <summary>As <see cref="Receive"/>.</summary>
    public static nint Send(int fd, void* buffer, nint length, int flags)
    {
        nint sent = Transfer(s_sendTo, fd, buffer, length, flags, null, 0);
        return sent >= 0 ? sent : SendAgain(fd, buffer, length, flags);
    }

    /// <summary>
    /// recvfrom or sendto by number. These are the calls of every exchange, and they nearly always succeed: they are
    /// made without glibc's cancellation points, without keeping the error, and without the transition that lets a
    /// collection begin meanwhile. It waits for the call instead, some microseconds, as no socket blocks. A failed one
    /// is made again with everything: nothing was received or sent.
    /// </summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial nint Transfer(
        nint number, nint fd, void* buffer, nint length, nint flags, void* name, nint nameLength);

    // Apart: whoever has a call with a transition in it prepares for that transition first.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint ReceiveAgain(int fd, void* buffer, nint length, int flags) =>
        ReceiveWithError(fd, buffer, length, flags);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint SendAgain(int fd, void* buffer, nint length, int flags) =>
        SendWithError(fd, buffer, length, flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveWithError(int fd, void* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint SendWithError(int fd, void* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(int fd, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "splice", SetLastError = true)]
    public static partial nint Splice(int from, long* fromOffset, int to, long* toOffset, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int FileControl(int fd, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, void* address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int fd, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int fd, void* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int fd, void* address, int length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int LocalName(int fd, void* address, int* length);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int fd, int how);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int fd, int level, int option, void* value, int length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int fd, int level, int option, void* value, int* length);

    /// <summary>A call that glibc has no function for; the first argument is its number.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint SystemCall(
        nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    /// <summary>Maps what belongs to a descriptor into memory, shared and writable; null when it fails.</summary>
    public static byte* MapShared(int fd, nint length, long offset)
    {
        const int readAndWrite = 0x3;
        const int sharedAndPopulated = 0x8001;
        void* start = Map(null, length, readAndWrite, sharedAndPopulated, fd, offset);
        return (nint)start == -1 ? null : (byte*)start;
    }

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* start, nint length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* start, nint length, int protection, int flags, int fd, long offset);

    public static int SetOption(int fd, int level, int option, int value) =>
        SetOption(fd, level, option, &value, sizeof(int));

    /// <summary>A number or flag; 0 where the descriptor has no such option.</summary>
    public static int GetOption(int fd, int level, int option)
    {
        int value = 0;
        int length = sizeof(int);
        return GetOption(fd, level, option, &value, &length) < 0 ? 0 : value;
    }

    /// <summary>Takes and clears the socket's pending error (SO_ERROR).</summary>
    public static int TakeError(int fd)
    {
        int error = 0;
        int length = sizeof(int);
        return GetOption(fd, LevelSocket, OptionError, &error, &length) < 0 ? LastError : error;
    }

    /// <summary>The number of a call on this processor; -1, which always fails, on others than these two.</summary>
    public static nint NumberOf(int x64, int arm64) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.Arm64 => arm64,
        _ => -1,
    };
}
