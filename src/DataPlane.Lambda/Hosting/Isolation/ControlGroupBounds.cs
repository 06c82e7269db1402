namespace DataPlane.Lambda.Hosting.Isolation;

/// <summary>What one environment with all its processes may have. 0 is no bound.</summary>
/// <param name="MemoryBytes">Memory, without what the kernel can give back.</param>
/// <param name="Processors">Processors' worth of time: 0.5 is half of one.</param>
/// <param name="Processes">Processes and threads.</param>
internal readonly record struct ControlGroupBounds(long MemoryBytes, double Processors, int Processes);
