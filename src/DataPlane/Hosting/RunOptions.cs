using DataPlane.Config;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Transport.Handover;

namespace DataPlane.Hosting;

/// <summary>How the process was started, as far as it matters for changing its configuration later.</summary>
public sealed record RunOptions
{
    public required ConfigSource Source { get; init; }

    /// <summary>What was read at the start.</summary>
    public required ConfigLoad First { get; init; }

    /// <summary>Changes of the configuration's files are applied by themselves.</summary>
    public bool Watches { get; init; } = true;

    /// <summary>For a process that lives long its first change is to be quick: <see cref="Rehearsal"/>.</summary>
    public bool Rehearses { get; init; }

    /// <summary>Where the last good configuration is kept; null for nowhere.</summary>
    public LastGood? LastGood { get; init; }

    /// <summary>Listening sockets the process was given.</summary>
    public ListeningSockets? Sockets { get; init; }

    /// <summary>Why the last good configuration serves instead of the file; empty when it does not.</summary>
    public IReadOnlyList<ConfigError> StartErrors { get; init; } = [];
}
