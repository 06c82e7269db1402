namespace DataPlane.Tests.Functional.Http2.Conformance;

/// <summary>
/// One rule of HTTP/2: what a client does, step by step, and what has to come back. <paramref name="Section"/> is of
/// RFC 9113, or of RFC 7541 behind "HPACK".
/// </summary>
internal sealed record ConformanceCase(string Section, string Name, params Step[] Steps)
{
    /// <summary>Nothing has been sent or read when the steps begin; otherwise SETTINGS have been exchanged.</summary>
    public bool IsBare { get; init; }

    /// <summary>
    /// Only for an upstream that waits for the whole body: who answers without waiting for it, as a mock does, is done
    /// with the stream before what the case is about arrives, and in the right (RFC 9113 8.1).
    /// </summary>
    public bool NeedsOpenStream { get; init; }

    public string Title => $"{Section} {Name}";
}
