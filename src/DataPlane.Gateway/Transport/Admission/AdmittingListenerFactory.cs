using System.Net;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Transport.Admission;

/// <summary>Puts admission in front of another transport's listeners; see <see cref="AdmittingListener"/>.</summary>
public sealed class AdmittingListenerFactory(
    IConnectionListenerFactory inner, ConnectionAdmission admission, Func<EndPoint, bool> isBehindBalancers,
    TimeProvider time) : IConnectionListenerFactory
{
    public async ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await inner.BindAsync(endpoint, cancellationToken);
        return new AdmittingListener(listener, admission, knowsClients: !isBehindBalancers(endpoint), time);
    }
}
