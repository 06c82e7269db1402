namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>Hears of its process, on the keeper's thread: must not block.</summary>
internal interface IProcessOwner
{
    /// <summary>What the process wrote to stdout or stderr; valid during the call.</summary>
    void OnOutput(ReadOnlySpan<byte> bytes);

    /// <summary>The process has ended, and its descendants with it; the last call.</summary>
    void OnExited(ProcessEnd end);

    /// <summary>Resident bytes, and milliseconds of processors used so far; read a few times a second.</summary>
    void OnUse(long residentBytes, long processorMs);
}
