using DataPlane.Config.Reading;

namespace DataPlane.Config.Policies;

/// <summary>A sustained rate and how much of it may be used at once, in units of cost.</summary>
public sealed record RateConfig(Rate Rate, int Burst);
