using DataPlane.Admin;
using DataPlane.Config;

namespace DataPlane.Tests.Admin;

/// <summary>Takes every configuration for its version, unless told what is wrong with it.</summary>
internal sealed class FakeConfigControl : IConfigControl
{
    private int _number = 1;

    public string Version => $"{_number}-a";

    public AdminRefusal? LastRefusal => null;

    public IReadOnlyList<AdminGeneration> Generations =>
        [new(_number, "a", "request", DateTimeOffset.UnixEpoch, "in_force", "", 1, 0, 0)];

    public string? DifferingFile => null;

    /// <summary>Null for none.</summary>
    public IReadOnlyList<ConfigError>? Errors { get; set; }

    public Task<IReadOnlyList<ConfigError>?> PutAsync(ReadOnlyMemory<byte> body, Func<string, bool> isCurrent)
    {
        if (!isCurrent(Version)) return Task.FromResult<IReadOnlyList<ConfigError>?>(null);
        if (Errors is null) _number++;
        return Task.FromResult<IReadOnlyList<ConfigError>?>(Errors ?? []);
    }
}
