using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Invoke;

/// <summary>One function as the admin listener shows it.</summary>
public sealed record FunctionView(
    string Name, string Runtime, string Handler, double TimeoutSeconds, int MemoryMiB, long Invocations, long Errors,
    long Throttles, int Waiting, IReadOnlyList<EnvironmentView> Environments);
