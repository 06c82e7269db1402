using System.Net.Security;
using DataPlane.Config.Tls;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// The TLS of one endpoint, as long as the process knows it. Its <see cref="Terms"/> follow the configuration and the
/// files it names; a connection belongs to those it was opened under. Any thread.
/// </summary>
public sealed class EndpointTls(string host, TlsCounters counters)
{
    private TlsTerms? _terms;
    private string _digest = "";

    public TlsTerms Terms => Volatile.Read(ref _terms)!;

    /// <summary>What holds from now on; nothing happens when it is the same. While a snapshot is compiled.</summary>
    public void Follow(UpstreamTlsConfig config, SslApplicationProtocol protocol)
    {
        string digest = $"{config.Digest}|{protocol}";
        if (_digest == digest) return;
        _digest = digest;
        Volatile.Write(ref _terms, new TlsTerms(config, host, protocol));
    }

    /// <summary>
    /// Over a connection that is open and has carried nothing. Loop thread; completes there; never throws.
    /// </summary>
    internal async Task<TlsResult> ConnectAsync(LoopConnection connection, int timeoutMs)
    {
        var result = await TlsHandshake.ConnectAsync(connection, Terms.Options, timeoutMs);
        counters.Count(in result);
        if (result.Connection is not null) return result;
        connection.Transport.Input.Complete();
        connection.Transport.Output.Complete();
        return result;
    }
}
