namespace DataPlane.Config.Policies;

/// <summary>Which responses say how much of a limit is left.</summary>
public enum RateLimitFieldsMode
{
    Refused,
    Always,
    Off,
}
