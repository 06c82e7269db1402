using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Invoke;

/// <summary>One function as the admin listener shows it.</summary>
public sealed record FunctionView(
    string Name, string Runtime, string Handler, double TimeoutSeconds, int MemoryMiB, long Invocations, long Errors,
    long Throttles, int Waiting, IReadOnlyList<EnvironmentView> Environments)
{
    /// <summary>Of a function elsewhere its ARN or name there; the environments are not ours to know.</summary>
    public string? Lambda { get; init; }

    /// <summary>Who is asked for it.</summary>
    public string? Upstream { get; init; }
}
