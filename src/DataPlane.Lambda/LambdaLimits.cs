namespace DataPlane.Lambda;

/// <summary>Every bound of hosted functions that is not configured, with its unit and its reason.</summary>
internal static class LambdaLimits
{
    /// <summary>Bytes of an event or a buffered answer: 6 MiB and 100 bytes, as Lambda counts.</summary>
    public const int PayloadBytes = 6_291_556;

    /// <summary>Bytes of a head of the Runtime API; a client context of 3,583 bytes fits.</summary>
    public const int RuntimeHeadBytes = 16 * 1024;

    /// <summary>Bytes of the trailers of a streamed answer, which carry an error as base64.</summary>
    public const int TrailerBytes = 256 * 1024;

    /// <summary>Bytes of a streamed answer's head in JSON, before its eight zero bytes.</summary>
    public const int PreludeBytes = 64 * 1024;

    /// <summary>Bytes of a streamed answer between the function and a slow client.</summary>
    public const int StreamedBytes = 256 * 1024;

    /// <summary>Up to so many bytes an event is copied behind its head, to leave in one send.</summary>
    public const int CopiedEventBytes = 32 * 1024;

    /// <summary>What an environment sent before its end is read for so long at most.</summary>
    public const int LastWordsMs = 500;

    /// <summary>Gateways that hand an invocation on to the next one's Invoke API.</summary>
    public const int Hops = 5;

    /// <summary>Connections of one environment to its Runtime API: clients use one or two.</summary>
    public const int RuntimeConnections = 16;

    /// <summary>Bytes a function keeps of the lines it wrote.</summary>
    public const int LogBytes = 256 * 1024;

    /// <summary>Lines and reports a function keeps.</summary>
    public const int LogEntries = 2048;

    /// <summary>Bytes of a message of an event stream: 16 MiB of payload, 128 KiB of headers, as AWS has it.</summary>
    public const int StreamMessageBytes = (16 << 20) + (128 << 10) + 16;

    /// <summary>So many entries back a report is looked for when a line comes later than the answer.</summary>
    public const int LateEntries = 64;

    /// <summary>Bytes of one line; the rest is the next one. As in Lambda's logs.</summary>
    public const int LogLineBytes = 256 * 1024;

    /// <summary>Pieces of output on their way to a loop; a flood beyond is dropped and counted.</summary>
    public const int OutputPieces = 8;

    /// <summary>Bytes of the log that an Invoke answer carries.</summary>
    public const int TailBytes = 4096;

    /// <summary>
    /// Environments of one function that start at once, per processor, while nothing of it runs: a start takes a whole
    /// one.
    /// </summary>
    public const int StartsPerProcessor = 2;

    /// <summary>A queue that will be served within this time, or that of a start, is not worth a start.</summary>
    public const int GrowthMs = 20;

    /// <summary>How long a function's use of processors is counted for.</summary>
    public const int UsePeriodMs = 500;

    /// <summary>Processors that are so busy have no time for more processes.</summary>
    public const int SaturatedPercent = 90;

    /// <summary>The first pause after an environment that could not start; doubles up to the second.</summary>
    public const int FirstRestartMs = 1000;

    public const int LongestRestartMs = 30_000;

    /// <summary>How often a pool counts its arrivals and looks for idle environments.</summary>
    public const int CareMs = 1000;

    /// <summary>Files that changed within this time make one change.</summary>
    public const int ChangeQuietMs = 100;

    /// <summary>
    /// Bytes a process may make writable beyond its memory: stacks and heaps that are reserved, not used.
    /// </summary>
    public const long ReservedBytes = 1L << 30;

    /// <summary>Events that one commit takes, and ends of events: writing them takes as long as the disk.</summary>
    public const int QueueBatch = 512;

    /// <summary>The pause after a refusal of an event; doubles up to the second, as in Lambda.</summary>
    public const int FirstThrottleMs = 1000;

    public const int LongestThrottleMs = 300_000;

    /// <summary>Requests with records to one upstream at once.</summary>
    public const int PostsAtOnce = 8;

    /// <summary>The pause after the queue's file could not be used.</summary>
    public const int QueueRetryMs = 5000;

    /// <summary>How often a process that only adds to the queue asks whether it may run it.</summary>
    public const int OwnershipMs = 250;

    /// <summary>Entries of the queue that are shown.</summary>
    public const int ShownEntries = 100;

    /// <summary>So long a destination may not take a record before it is dropped.</summary>
    public static readonly TimeSpan DeliveryAge = TimeSpan.FromHours(6);

    /// <summary>A predecessor in an upgrade has ended by then.</summary>
    public static readonly TimeSpan OwnershipPatience = TimeSpan.FromSeconds(60);

    /// <summary>The queue's thread answers operators within a commit.</summary>
    public static readonly TimeSpan QueueAnswer = TimeSpan.FromSeconds(5);

    /// <summary>Invocations kept per loop for the next exchanges.</summary>
    public const int SpareInvocations = 256;

    /// <summary>Bytes of a payload buffer that is kept with its invocation.</summary>
    public const int KeptPayloadBytes = 64 * 1024;
}
