namespace DataPlane.Gateway.Recording;

/// <summary>Limits of recording, in bytes after escaping unless said otherwise.</summary>
internal static class RecordingLimits
{
    /// <summary>
    /// Of one loop's ring, a power of two: about 600 lines, which is 30 ms at 20,000 requests a second, twice what the
    /// writer needs between two wakes at half full.
    /// </summary>
    public const int RingBytes = 256 * 1024;

    /// <summary>More than the longest line: the fields' limits below and <see cref="OwnBytes"/>.</summary>
    public const int LineBytes = 10 * 1024;

    /// <summary>More than all that a line has of our own: names, numbers, words and the time.</summary>
    public const int OwnBytes = 768;

    /// <summary>Longer paths are attacks or mistakes; their beginning tells them apart.</summary>
    public const int PathBytes = 4 * 1024;

    public const int QueryBytes = 2 * 1024;

    public const int RefererBytes = 512;

    public const int UserAgentBytes = 512;

    public const int HostBytes = 256;

    /// <summary>Request id, client address, method, route, upstream.</summary>
    public const int NameBytes = 256;

    public const int EndpointBytes = 512;

    /// <summary>Of a header field, a query parameter or a capture in a template.</summary>
    public const int ValueBytes = 512;

    /// <summary>
    /// Waited for a syslog receiver to take a message, once a batch: it may be a moment behind, not gone.
    /// </summary>
    public static readonly TimeSpan SyslogPatience = TimeSpan.FromMilliseconds(50);

    /// <summary>Lines of the gateway's own that wait for a slow terminal; some 200 KB.</summary>
    public const int QueuedMessages = 1000;

    /// <summary>How often one message is written in <see cref="MessageInterval"/>; more are counted.</summary>
    public const int MessagesPerInterval = 10;

    public static readonly TimeSpan MessageInterval = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan MessagePoll = TimeSpan.FromSeconds(1);

    /// <summary>Spans of one export.</summary>
    public const int SpansPerExport = 512;

    /// <summary>How often sampled exchanges are looked for when no ring is half full.</summary>
    public static readonly TimeSpan SpanPoll = TimeSpan.FromSeconds(1);

    /// <summary>The writer looks at the rings this often when none of them wakes it.</summary>
    public static readonly TimeSpan WriterPoll = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Waited at stop for what is still in the rings; a blocked pipe must not keep the process alive.
    /// </summary>
    public static readonly TimeSpan WriterStop = TimeSpan.FromSeconds(5);

    /// <summary>A bucket's exemplar is replaced after so long: a scraper takes one per scrape.</summary>
    public static readonly TimeSpan ExemplarPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Rendered labels one source keeps between scrapes.</summary>
    public const int CachedLabels = 20_000;

    /// <summary>Failed exchanges one loop remembers: an hour of a calm day, a moment of a bad one.</summary>
    public const int RecentErrors = 64;

    /// <summary>Of a remembered failure's request id and method.</summary>
    public const int ErrorNameBytes = 96;

    /// <summary>Of a remembered failure's path.</summary>
    public const int ErrorPathBytes = 256;

    /// <summary>Combinations of route, upstream, method and status one loop counts for other products' names.</summary>
    public const int CompatibleRows = 10_000;
}
