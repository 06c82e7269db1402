using System.IO.Pipelines;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// A streamed answer between the function's loop, which writes, and the caller's, which reads. The function waits when
/// the caller is slow. Allocates.
/// </summary>
public sealed class AnswerStream(string contentType)
{
    private readonly Pipe _pipe = new(new PipeOptions(
        pauseWriterThreshold: LambdaLimits.StreamedBytes, resumeWriterThreshold: LambdaLimits.StreamedBytes / 2));

    public string ContentType { get; } = contentType;

    public PipeReader Input => _pipe.Reader;

    /// <summary>What broke the answer off, once the input has ended; null when it ended well.</summary>
    public string? Fault { get; private set; }

    internal PipeWriter Output => _pipe.Writer;

    /// <summary>Reads all of it, keeping what fits. False when it was broken off. Any thread.</summary>
    internal async Task<bool> GatherAsync(PayloadBuffer into)
    {
        while (true)
        {
            var result = await Input.ReadAsync();
            foreach (var piece in result.Buffer)
            {
                if (into.Length + piece.Length <= LambdaLimits.PayloadBytes) into.Append(piece.Span);
            }
            Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return Fault is null;
        }
    }

    /// <summary>Function's side.</summary>
    internal void Complete(string? fault)
    {
        Fault = fault;
        _pipe.Writer.Complete();
    }

    /// <summary>Nobody reads.</summary>
    internal void Abandon() => _pipe.Reader.Complete();
}
