namespace DataPlane.Gateway.Upstreams.Retries;

/// <summary>Why an exchange was tried again; label values of a metric.</summary>
public enum RetryReason : byte
{
    ConnectFailure,
    Reset,
    Timeout,
    Status,
}
