using System.IO.Pipelines;

namespace DataPlane.Gateway.Transport.InMemory;

/// <summary>The two directions of one end.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
