using DataPlane.Config;

namespace DataPlane.Admin;

/// <summary>
/// Changing the configuration from the admin listener; the composition root implements it. Any thread.
/// </summary>
public interface IConfigControl
{
    /// <summary>Names what serves and what is being rolled out; another one after every change. No quotes.</summary>
    string Version { get; }

    /// <summary>The last attempt to change the configuration, when it was refused or went back; else null.</summary>
    AdminRefusal? LastRefusal { get; }

    /// <summary>Newest first.</summary>
    IReadOnlyList<AdminGeneration> Generations { get; }

    /// <summary>The file that a restart reads, when it says something else than what serves; else null.</summary>
    string? DifferingFile { get; }

    /// <summary>
    /// Takes a configuration as YAML or JSON. <paramref name="isCurrent"/> is asked about the version when it is this
    /// change's turn: no other one can come between. Null when it says no; empty when the configuration was taken.
    /// </summary>
    Task<IReadOnlyList<ConfigError>?> PutAsync(ReadOnlyMemory<byte> body, Func<string, bool> isCurrent);
}
