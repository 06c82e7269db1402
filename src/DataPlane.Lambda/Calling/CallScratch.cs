using System.Text.Encodings.Web;
using System.Text.Json;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Calling;

/// <summary>
/// What one loop needs while an event is written or an answer is read, which happens without a wait in between. Loop
/// thread; 0 bytes once it has its size.
/// </summary>
internal sealed class CallScratch
{
    private static readonly JsonWriterOptions s_writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private static readonly PayloadBuffer s_nowhere = new();

    /// <summary>Reset onto the buffer it is to write to.</summary>
    public Utf8JsonWriter Json { get; } = new(s_nowhere, s_writing);

    /// <summary>Decoded or joined values.</summary>
    public PayloadBuffer Text { get; } = new();

    /// <summary>Header lines of a response.</summary>
    public PayloadBuffer Fields { get; } = new();

    /// <summary>The request's fields and those the gateway adds.</summary>
    public List<EventField> Headers { get; } = new(64);

    public List<EventField> Query { get; } = new(16);

    /// <summary>Bytes that headers and query parameters point into.</summary>
    public PayloadBuffer Bytes { get; } = new();

}
