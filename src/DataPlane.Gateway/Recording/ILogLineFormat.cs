namespace DataPlane.Gateway.Recording;

/// <summary>
/// One way to write an exchange as a line. Loop thread; 0 bytes; never throws, whatever the bytes are.
/// </summary>
internal interface ILogLineFormat
{
    /// <summary>Writes Referer and User-Agent: looking for them is not free.</summary>
    bool WantsFields { get; }

    /// <summary>
    /// Writes the line and its line feed into at least <see cref="RecordingLimits.LineBytes"/>; its length.
    /// </summary>
    int Write(in LogFields fields, LogClock clock, Span<byte> space);
}
