namespace DataPlane.Gateway.Connections;

/// <summary>
/// What a client of HTTP/2 may do now and then, and an attacker does all the time: legal, or nearly, and dearer to
/// answer than to send.
/// </summary>
public enum Http2Glitch : byte
{
    /// <summary>RST_STREAM from the client (rapid reset, CVE-2023-44487).</summary>
    ResetReceived,

    /// <summary>A stream that the gateway had to reset (made-you-reset, CVE-2025-8671).</summary>
    ResetSent,

    /// <summary>More streams at once than the gateway takes.</summary>
    ExcessStream,

    /// <summary>A request refused as malformed or too large.</summary>
    RefusedHead,

    /// <summary>DATA or CONTINUATION with nothing in it, or nothing but padding (CVE-2019-9518).</summary>
    EmptyFrame,

    /// <summary>A head in many pieces (CVE-2024-27316).</summary>
    Continuation,

    /// <summary>PING (CVE-2019-9512).</summary>
    Ping,

    /// <summary>SETTINGS after the first, and acknowledgements of none (CVE-2019-9515).</summary>
    Settings,

    /// <summary>PRIORITY, which nobody heeds any more (CVE-2019-9513).</summary>
    Priority,

    /// <summary>More WINDOW_UPDATE than there was data to make room for.</summary>
    WindowUpdate,

    /// <summary>More changes of the HPACK table's size than a head may begin with (RFC 7541 4.2).</summary>
    TableSize,

    /// <summary>GOAWAY after the first.</summary>
    GoAway,

    /// <summary>A frame of a type nobody knows.</summary>
    Unknown,
}
