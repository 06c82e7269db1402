using System.Net.Security;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Tls;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// The TLS of a client listener: hands the next step a connection whose transport is the plaintext. Its certificates
/// are those in force when the connection comes. HTTP/2 is Kestrel's, and told what it wants to know of the TLS. Any
/// thread.
/// </summary>
public sealed class TlsStep(TransportChoice transport, Func<ListenerTls> inForce)
{
    public async Task RunAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var settings = inForce();
        var result = await TlsHandshake.AcceptAsync(transport.Adopt(context), settings);
        settings.Counters.Count(in result);
        if (result.Connection is not { } connection) return;
        try
        {
            var facts = new TlsFacts(settings, connection.Tls);
            Remember(connection, facts);
            if (facts.Protocol == SslApplicationProtocol.Http2)
                new TlsFeatures(connection.Tls).AddTo(connection.Features);
            await next(connection);
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    private static void Remember(TlsConnection connection, TlsFacts tls)
    {
        if (connection.Features.Get<ConnectionFacts>() is { } facts) facts.Tls = tls;
        else connection.Features.Set(new ConnectionFacts { Tls = tls });
    }
}
