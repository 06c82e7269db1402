namespace DataPlane.Gateway.Transport;

/// <summary>Every bound of the transport, with its unit and reason.</summary>
internal static class TransportLimits
{
    /// <summary>The receive buffer of a loop: 32 KiB cost 0.10 x nginx more on 100 KB bodies.</summary>
    public const int ReceiveBytes = 128 * 1024;

    /// <summary>Free space below which a partly filled buffer grows before the next receive.</summary>
    public const int LeastReceiveBytes = 4 * 1024;

    /// <summary>Receives a connection may do in one turn of its loop before the others have theirs: 1 MiB.</summary>
    public const int ReceivesPerTurn = 8;

    /// <summary>Plaintext of one read at most, but for a larger record: four records of a bulk transfer.</summary>
    public const int DecryptedBytes = 64 * 1024;

    /// <summary>Plaintext encrypted before it is flushed: its records fit the largest slab.</summary>
    public const int EncryptedBytes = 64 * 1024;

    /// <summary>First slab of a writer: a response head and a small body.</summary>
    public const int FirstWriteBytes = 4 * 1024;

    /// <summary>Up to here a write is copied behind what is buffered; above, a second iovec is cheaper.</summary>
    public const int CopiedWriteBytes = 4 * 1024;

    /// <summary>Readiness events taken per wait: 3 KiB, more connections than one turn should serve.</summary>
    public const int EventsPerWait = 256;

    /// <summary>Connections' objects kept per loop for the next clients: 0.5 KiB each.</summary>
    public const int SpareConnections = 256;

    /// <summary>Sends submitted together: 20 KiB of kernel memory per loop.</summary>
    public const int SendsPerCall = 256;

    /// <summary>How long a closed connection may take to accept its last bytes.</summary>
    public const int FlushOnCloseMs = 5000;

    /// <summary>How long a closing connection reads and drops (RFC 9112, 9.6).</summary>
    public const int LingerMs = 1000;

    /// <summary>How many bytes it drops at most: a peer that sends more has been told.</summary>
    public const int LingerBytes = 256 * 1024;

    /// <summary>
    /// Bytes the kernel keeps for a client beyond what its window has let out: more do not make a transfer faster.
    /// </summary>
    public const int UnsentBytes = 256 * 1024;

    /// <summary>Connections the kernel queues per listening socket; net.core.somaxconn may lower it.</summary>
    public const int Backlog = 4096;

    /// <summary>Accepts per turn: a connection storm must not starve what is already open.</summary>
    public const int AcceptsPerTurn = 64;

    /// <summary>Rest after an accept that failed for want of descriptors or memory.</summary>
    public const int AcceptRestMs = 100;

    /// <summary>Rest while too many accepted connections wait to be taken, which takes a few milliseconds.</summary>
    public const int BacklogRestMs = 5;

    /// <summary>Capacity asked for a splice pipe; the kernel's default limit for one without privileges.</summary>
    public const int PipeBytes = 1024 * 1024;

    /// <summary>Idle splice pipes kept per loop: two descriptors each.</summary>
    public const int SparePipes = 16;

    /// <summary>Fills of the pipe in one turn before the other connections have theirs.</summary>
    public const int SplicesPerTurn = 8;
}
