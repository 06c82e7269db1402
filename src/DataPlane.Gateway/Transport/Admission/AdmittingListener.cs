using System.Net;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport.Admission;

/// <summary>
/// Asks for admission in front of another transport's listener, whose connections exist by then; the loops' own asks
/// where it accepts. <paramref name="knowsClients"/>: the peer is the client, and no balancer.
/// </summary>
public sealed class AdmittingListener(
    IConnectionListener inner, ConnectionAdmission admission, bool knowsClients, TimeProvider time)
    : IConnectionListener
{
    public EndPoint EndPoint => inner.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // Kestrel takes one after the other, so that none waits here.
            for (int rest = admission.RestBeforeAccept(waiting: 0); rest > 0;)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(rest), time, cancellationToken);
                rest = admission.RestBeforeAccept(waiting: 0);
            }
            var connection = await inner.AcceptAsync(cancellationToken);
            if (connection is null) return null;
            if (admission.TryEnter(knowsClients ? admission.KeyOf(connection.RemoteEndPoint) : default))
                return connection;
            connection.Abort(new ConnectionAbortedException("A limit of connections is reached."));
            await connection.DisposeAsync();
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
