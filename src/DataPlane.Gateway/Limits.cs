namespace DataPlane.Gateway;

/// <summary>Every bound of the data plane that the configuration does not set, with its unit and its reason.</summary>
public static class Limits
{
    /// <summary>Endpoints per upstream: their indexes are bytes in the schedule.</summary>
    public const int EndpointsPerUpstream = 255;

    /// <summary>Highest group for failover, as the configuration has it.</summary>
    public const int EndpointPriority = 15;

    /// <summary>A name that cannot be resolved is told in the log so often.</summary>
    public const int NameLogMs = 60_000;

    /// <summary>Steps of a weighted schedule: 1 per mille is the finest share that matters.</summary>
    public const int ScheduleSteps = 1000;

    /// <summary>
    /// Exchanges in flight on one endpoint and loop below which consistent hashing never passes a key on.
    /// </summary>
    public const int LeastBoundedRequests = 8;

    /// <summary>Slots looked at for another endpoint of a key; half of 255 endpoints are found by so many.</summary>
    public const int HashProbes = 256;

    /// <summary>Bytes of an answer to a health check that are read: its head and the text looked for.</summary>
    public const int HealthAnswerBytes = 64 * 1024;

    /// <summary>Readiness waits so long for the first health checks of an upstream.</summary>
    public const int HealthKnownMs = 10_000;

    /// <summary>An endpoint in its slow start gets a larger share so many times.</summary>
    public const int SlowStartSteps = 20;

    /// <summary>Informational responses skipped before the final one; more is a flood.</summary>
    public const int InformationalResponses = 16;

    /// <summary>Body bytes up to which a run is copied behind the head, so that both go out in one send.</summary>
    public const int CoalescedBodyBytes = 8 * 1024;

    /// <summary>
    /// Up to here the end of a request body is copied, to be sent with what else the turn sends: worth the copy.
    /// </summary>
    public const int CopiedUploadBytes = 16 * 1024;

    /// <summary>Unsent response bytes a pipelining client may pile up before they are sent.</summary>
    public const int CoalescedReplyBytes = 64 * 1024;

    /// <summary>Body left over after a local reply that is read and dropped to keep the connection.</summary>
    public const int DrainedBodyBytes = 64 * 1024;

    /// <summary>Chunk extension bytes of one chunk; nobody is known to send any.</summary>
    public const int ChunkExtensionBytes = 256;

    /// <summary>
    /// Body bytes left from which a cleartext response is moved inside the kernel (performance.md, 4).
    /// </summary>
    public const int SpliceFromBytes = 16 * 1024;

    /// <summary>How long the ends of a WebSocket have to close it when it is over.</summary>
    public const int TunnelCloseMs = 5000;

    /// <summary>Bytes of one splice step: the client's minimum rate is checked between steps.</summary>
    public const int SpliceStepBytes = 1024 * 1024;

    /// <summary>First array rented for a head; it doubles up to the configured limit.</summary>
    public const int InitialHeadBytes = 2048;

    /// <summary>
    /// A request body up to so long that came with its head is held, to be sent again if need be (HTTP/2 upstreams).
    /// </summary>
    public const int HeldBodyBytes = 16 * 1024;

    /// <summary>Longest wait before a retry, whatever the backoff has grown to.</summary>
    public const int RetryBackoffMs = 10_000;

    /// <summary>How often the first of a line looks for a connection by itself.</summary>
    public const int PendingLookMs = 50;

    /// <summary>Client addresses kept rendered per loop; a power of two.</summary>
    public const int CachedClients = 64;

    /// <summary>Spare exchanges, and connections' objects, kept per loop.</summary>
    public const int SpareExchanges = 256;

    /// <summary>How long an idle connection may ask once more in a drain: a round trip and more.</summary>
    public const int DrainSilenceMs = 1000;

    /// <summary>How long the glitches of an HTTP/2 connection are remembered.</summary>
    public const int GlitchWindowMs = 1000;

    /// <summary>CONTINUATION frames of one head: the largest head in the smallest frames needs fewer.</summary>
    public const int ContinuationsPerHead = 64;

    /// <summary>Bytes of an HTTP/2 connection between its loop and Kestrel's server, in each direction.</summary>
    public const int Http2PipeBytes = 64 * 1024;

    /// <summary>How long the last frames of an HTTP/2 connection may take.</summary>
    public const int Http2EndMs = 5000;

    /// <summary>
    /// Grace of an HTTP/2 connection that takes nothing, beyond twice that of a response: its streams have theirs.
    /// </summary>
    public const int Http2SendGraceMs = 2000;

    /// <summary>Streams at once on a connection to an HTTP/2 upstream, however many it allows.</summary>
    public const int Http2StreamsPerConnection = 1000;

    /// <summary>The same before it has said how many: RFC 9113 advises against a bound below 100.</summary>
    public const int Http2StreamsBeforeSettings = 100;

    /// <summary>
    /// What all streams of such a connection may receive before the next update of its window; each has its own bound.
    /// </summary>
    public const int Http2ReceiveWindowBytes = 16 * 1024 * 1024;

    /// <summary>Bytes that wait for an HTTP/2 upstream to read, beyond what is being sent.</summary>
    public const int Http2UnsentBytes = 128 * 1024;

    /// <summary>
    /// PING, SETTINGS, empty and unknown frames of an HTTP/2 upstream in a second, beyond those that carry something.
    /// gRPC's servers measure round trips by PING, some hundred times a second.
    /// </summary>
    public const int Http2UpstreamGlitches = 2000;

    /// <summary>Times that an exchange goes to another stream because the upstream did not work on it.</summary>
    public const int UnprocessedTries = 5;

    /// <summary>WINDOW_UPDATE frames for one DATA frame, and before the first one.</summary>
    public const int WindowUpdatesPerData = 100;

    /// <summary>Generations listed: what an operator may want to look back on after a bad day.</summary>
    public const int Generations = 50;

    /// <summary>Generations that state outlives without being asked for: what goes may well come back soon.</summary>
    public const int StateGenerations = 16;

    /// <summary>Longest time between two looks at a roll-out's errors.</summary>
    public const int RolloutLookMs = 250;

    /// <summary>Between two looks at the configuration's files; a change must show twice the same.</summary>
    public const int WatchMs = 1000;

    /// <summary>Errors of a refused configuration in one log line; the admin listener has them all.</summary>
    public const int LoggedErrors = 20;
}
