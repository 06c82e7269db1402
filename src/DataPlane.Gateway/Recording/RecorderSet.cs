using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording.Compatibility;
using DataPlane.Gateway.Recording.Traces;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// All recorders of a gateway behind one call: each is known by its class, so that nothing has to be looked up to call
/// it. Record: loop threads, 0 bytes.
/// </summary>
public sealed class RecorderSet(
    MetricsRecorder metrics, RecentErrors errors, ReplaceableRecorder<CompatibilityRecorder> compatibility,
    ReplaceableRecorder<AccessLog> accessLog, ReplaceableRecorder<TraceRecorder> traces)
    : IExchangeRecorder
{
    public void Record(in ExchangeRecord record)
    {
        metrics.Record(in record);
        errors.Record(in record);
        compatibility.Current?.Record(in record);
        accessLog.Current?.Record(in record);
        traces.Current?.Record(in record);
    }
}
