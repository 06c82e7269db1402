using System.IO.Pipelines;
using System.Net.Security;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>The plaintext of a TLS connection for a protocol that does not live on a loop. Allocates.</summary>
internal sealed class StreamPipes(SslStream tls) : IDuplexPipe
{
    public PipeReader Input { get; } =
        PipeReader.Create(tls, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));

    public PipeWriter Output { get; } = PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true));
}
