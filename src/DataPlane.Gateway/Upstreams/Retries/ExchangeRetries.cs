namespace DataPlane.Gateway.Upstreams.Retries;

/// <summary>
/// What an exchange whose try failed has used up: made by the first failure, kept by the pooled exchange afterwards.
/// Loop thread; 0 bytes once it has grown.
/// </summary>
public sealed class ExchangeRetries
{
    private UpstreamEndpoint[] _failed = new UpstreamEndpoint[4];
    private int _failedCount;

    /// <summary>Retries made so far, of those that count.</summary>
    public int Attempts { get; set; }

    /// <summary>A stale pooled connection was replaced, which happens once.</summary>
    public bool HasReplaced { get; set; }

    /// <summary>Milliseconds to wait before the next try; 0 for none.</summary>
    public int DelayMs { get; set; }

    public void Add(UpstreamEndpoint endpoint)
    {
        if (HasFailed(endpoint)) return;
        if (_failedCount == _failed.Length) Array.Resize(ref _failed, _failedCount * 2);
        _failed[_failedCount++] = endpoint;
    }

    /// <summary>The exchange failed on this endpoint: others come first.</summary>
    public bool HasFailed(UpstreamEndpoint endpoint) =>
        Array.IndexOf(_failed, endpoint, 0, _failedCount) >= 0;

    public void Clear()
    {
        Array.Clear(_failed, 0, _failedCount);
        _failedCount = 0;
        Attempts = DelayMs = 0;
        HasReplaced = false;
    }
}
