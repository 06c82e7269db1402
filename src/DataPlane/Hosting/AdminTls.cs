using System.Net.Security;
using DataPlane.Gateway.Transport.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace DataPlane.Hosting;

/// <summary>The admin listener's TLS, which is Kestrel's own: its callers are few.</summary>
internal static class AdminTls
{
    /// <summary>Each handshake uses what <paramref name="inForce"/> says when it begins.</summary>
    public static TlsHandshakeCallbackOptions Of(Func<ListenerTls> inForce) => new()
    {
        HandshakeTimeout = TimeSpan.FromMilliseconds(inForce().HandshakeTimeoutMs),
        OnConnection = context =>
            new ValueTask<SslServerAuthenticationOptions>(inForce().OptionsFor(context.ClientHelloInfo.ServerName)),
    };
}
