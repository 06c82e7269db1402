namespace DataPlane.NBomber;

/// <summary>A file of perf/scenarios. Without a rate, each connection sends as soon as it has its answer.</summary>
internal sealed record LoadScenario(
    string Name,
    string Method,
    string Path,
    Dictionary<string, string> Headers,
    int BodyBytes,
    int Connections,
    int? RatePerSecond,
    int Seconds,
    int ExpectedStatus);
