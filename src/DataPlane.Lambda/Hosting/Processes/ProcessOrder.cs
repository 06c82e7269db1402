using DataPlane.Lambda.Hosting.Isolation;

namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>What is to be started, and within which bounds. Bounds of 0 are none.</summary>
internal sealed record ProcessOrder
{
    /// <summary>The program, as an absolute path, and its arguments.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary><c>NAME=VALUE</c>; all there is.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>A descriptor that becomes the process's third, closed here afterwards; -1 for none.</summary>
    public int Socket { get; init; } = -1;

    /// <summary>Bytes a process may make writable; far above what it may have resident.</summary>
    public long DataBytes { get; init; }

    public int Processes { get; init; }

    /// <summary>Bytes all its processes together may have, where the kernel can be asked to see to it.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Processors' worth of time, under the same condition.</summary>
    public double Processors { get; init; }

    /// <summary>The folder is read-only to it, under the same condition.</summary>
    public bool ProtectsFolder { get; init; }

    /// <summary>The network it is in; null for the gateway's.</summary>
    public NetworkNamespace? Network { get; init; }

    public int Files { get; init; }

    /// <summary>Until <see cref="ProcessKeeper.Hasten"/> it leaves the processors to others, if possible.</summary>
    public bool GivesWay { get; init; }

    /// <summary>A piece of the environment that only this process and its descendants have.</summary>
    public required string Mark { get; init; }
}
