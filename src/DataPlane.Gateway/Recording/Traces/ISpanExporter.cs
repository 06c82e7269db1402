namespace DataPlane.Gateway.Recording.Traces;

/// <summary>Where sampled exchanges go. One thread; may block.</summary>
internal interface ISpanExporter : IDisposable
{
    /// <summary>False when the receiver did not take them; they are not offered again.</summary>
    bool Export(IReadOnlyList<SpanRecord> exchanges);
}
