using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>Writes a line per exchange, or per sampled one, into its loop's ring. Loop thread; 0 bytes.</summary>
public sealed class AccessLogRecorder(AccessLog log) : IExchangeRecorder
{
    public void Record(in ExchangeRecord record) => log.Append(record);
}
