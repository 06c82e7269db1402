using System.Diagnostics;
using OpenTelemetry;

namespace DataPlane.Gateway.Recording.Traces;

/// <summary>
/// The SDK's processor that only keeps what ends, until <see cref="Send"/>: batches are made by our own thread, on
/// which the spans are made as well. Ignores the spans of other gateways in the process.
/// </summary>
internal sealed class CollectedSpans(BaseExporter<Activity> exporter, ActivitySource source)
    : BaseExportProcessor<Activity>(exporter)
{
    private readonly List<Activity> _ended = [];

    public bool Send()
    {
        var batch = new Batch<Activity>([.. _ended], _ended.Count);
        _ended.Clear();
        return exporter.Export(batch) == ExportResult.Success;
    }

    protected override void OnExport(Activity data)
    {
        if (ReferenceEquals(data.Source, source)) _ended.Add(data);
    }
}
