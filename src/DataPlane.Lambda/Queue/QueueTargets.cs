using DataPlane.Config;
using DataPlane.Gateway.Upstreams;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Queue;

/// <summary>What of a configuration the queue works with. Immutable.</summary>
internal sealed record QueueTargets(
    QueueConfig Queue,
    IReadOnlyDictionary<string, HostedFunction> Functions,
    IReadOnlyDictionary<string, FunctionAsyncConfig> Rules,
    IReadOnlyDictionary<string, Upstream> Upstreams)
{
    private static readonly FunctionAsyncConfig s_standard = new();

    /// <summary>The standard for a function that is not there any more: it may come again.</summary>
    public FunctionAsyncConfig RulesOf(string function) => Rules.GetValueOrDefault(function, s_standard);
}
