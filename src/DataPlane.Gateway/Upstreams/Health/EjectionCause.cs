namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>Why an endpoint was left out because of the exchanges it handled.</summary>
public enum EjectionCause : byte
{
    ConsecutiveFailures,
    ErrorRatio,
}
