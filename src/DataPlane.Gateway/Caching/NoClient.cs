using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Caching;

/// <summary>The sink of an exchange that has no client: takes everything.</summary>
internal sealed class NoClient : ResponseSink
{
    public void Reset() => ResetSink();

    public override void Start() => IsStarted = true;

    public override void Append(ReadOnlySpan<byte> bytes)
    {
    }

    public override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes) => new(result: true);

    public override ValueTask<bool> FlushAsync() => new(result: true);

    public override ValueTask<bool> CompleteAsync() => new(result: true);

    public override void Abort()
    {
    }
}
