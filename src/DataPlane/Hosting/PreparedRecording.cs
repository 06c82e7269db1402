using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Recording;
using DataPlane.Gateway.Recording.Traces;

namespace DataPlane.Hosting;

/// <summary>A log and an exporter that are open and not yet in use; null for those that stay as they are.</summary>
internal sealed class PreparedRecording(
    AccessLog? log, TraceRecorder? traces, Action<AccessLog?, TraceRecorder?> put) : IPreparedSettings
{
    private bool _isInUse;

    public void Apply()
    {
        _isInUse = true;
        put(log, traces);
    }

    public void Dispose()
    {
        if (_isInUse) return;
        log?.Dispose();
        traces?.Dispose();
    }
}
