using DataPlane.Admin;
using DataPlane.Config;
using DataPlane.Gateway.Compilation.Reloading;

namespace DataPlane.Hosting;

/// <summary>The reloader in the admin listener's words. Any thread.</summary>
internal sealed class ConfigControl(Reloader reloader, ConfigSource source) : IConfigControl
{
    public string Version => reloader.Generations.Version;

    public AdminRefusal? LastRefusal
    {
        get
        {
            if (reloader.LastSucceeded) return null;
            if (reloader.Last is not { } last)
            {
                return new AdminRefusal(
                    reloader.LastReload, "start", "The last good configuration serves: the file has errors.",
                    reloader.StartErrors);
            }
            string reason = last.Errors.Count > 0
                ? "The configuration has errors; the one before it serves."
                : "Rolled back: " + reloader.Generations.All[0].Reason;
            return new AdminRefusal(last.At, NameOf(last.Trigger), reason, last.Errors);
        }
    }

    public IReadOnlyList<AdminGeneration> Generations =>
    [
        .. reloader.Generations.All.Select(each => new AdminGeneration(
            each.Number, each.Digest, NameOf(each.Trigger), each.AppliedAt, NameOf(each.State), each.Reason,
            each.Share, each.Exchanges, each.Failed)),
    ];

    public string? DifferingFile => reloader.DiffersFromFile ? source.File : null;

    public async Task<IReadOnlyList<ConfigError>?> PutAsync(ReadOnlyMemory<byte> body, Func<string, bool> isCurrent)
    {
        var report = await reloader.PutAsync(body, isCurrent);
        return report.Status == ReloadStatus.Stale ? null : report.Errors;
    }

    private static string NameOf(ReloadTrigger trigger) => trigger switch
    {
        ReloadTrigger.FileChange => "file",
        ReloadTrigger.Signal => "signal",
        ReloadTrigger.Request => "request",
        _ => "start",
    };

    private static string NameOf(GenerationState state) => state switch
    {
        GenerationState.RollingOut => "rolling_out",
        GenerationState.InForce => "in_force",
        GenerationState.RolledBack => "rolled_back",
        _ => "superseded",
    };
}
