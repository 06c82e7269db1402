using DataPlane.Admin;
using DataPlane.Config;
using DataPlane.Gateway.Transport.Tls;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DataPlane.Hosting;

/// <summary>
/// The admin's endpoint on Kestrel's own HTTP/1.1 server, as strict as that can be made. The limits of heads and times
/// are the server's (<see cref="Http2Settings"/>); those of bodies stand with the endpoints.
/// </summary>
internal static class AdminListener
{
    /// <summary>Kestrel takes a bare LF for a line's end unless told otherwise; RFC 9112 2.2 lets it.</summary>
    private const string NoBareLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    /// <summary>Each handshake uses what <paramref name="tls"/> says then; null for cleartext.</summary>
    public static void Listen(KestrelServerOptions kestrel, AdminConfig config, Func<ListenerTls>? tls)
    {
        AppContext.SetSwitch(NoBareLineFeeds, isEnabled: true);
        if (config.Address.UnixPath is { } path) kestrel.ListenUnixSocket(path, options => Configure(options, tls));
        else kestrel.Listen(config.Address.EndPoint!, options => Configure(options, tls));
    }

    /// <summary>The listener for signed requests, when there is one.</summary>
    public static void ListenForInvokes(KestrelServerOptions kestrel, InvokeApiConfig config)
    {
        if (config.Address is not { } address) return;
        if (address.UnixPath is { } path) kestrel.ListenUnixSocket(path, Mark);
        else kestrel.Listen(address.EndPoint!, Mark);

        static void Mark(ListenOptions options)
        {
            options.Use(next => connection =>
            {
                connection.Features.Set(InvokeListenerMark.Instance);
                return next(connection);
            });
            Configure(options, tls: null);
        }
    }

    private static void Configure(ListenOptions options, Func<ListenerTls>? tls)
    {
        options.Protocols = HttpProtocols.Http1;
        int open = 0;
        // Outermost: connections that never get as far as a request count too.
        options.Use(next => async connection =>
        {
            try
            {
                if (Interlocked.Increment(ref open) <= AdminLimits.Connections) await next(connection);
                else connection.Abort();
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        });
        if (tls is not null) options.UseHttps(AdminTls.Of(tls));
    }
}
