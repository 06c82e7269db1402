using DataPlane.Gateway.Recording.Traces;

namespace DataPlane.Tests.Recording.Traces;

/// <summary>Keeps what is exported, refuses, throws or blocks when told to.</summary>
internal sealed class FakeSpanExporter : ISpanExporter
{
    public List<SpanRecord> Exported { get; } = [];

    public ManualResetEventSlim Open { get; } = new(initialState: true);

    public volatile bool Fails;

    public volatile bool Throws;

    public bool IsDisposed { get; private set; }

    public bool Export(IReadOnlyList<SpanRecord> exchanges)
    {
        Open.Wait();
        if (Throws) throw new InvalidOperationException("an exporter's defect");
        if (Fails) return false;
        Exported.AddRange(exchanges);
        return true;
    }

    public void Dispose() => IsDisposed = true;
}
