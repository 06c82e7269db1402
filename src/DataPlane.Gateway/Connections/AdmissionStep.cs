using DataPlane.Gateway.Transport.Admission;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// Keeps the count of admitted connections: one step around everything else, which ends when the connection does, and,
/// where a balancer stands in front, one behind its header for the client's address. Any thread.
/// </summary>
public sealed class AdmissionStep(ConnectionAdmission admission)
{
    /// <summary>Around a listener whose peers are clients.</summary>
    public ConnectionDelegate AroundClients(ConnectionDelegate next) => async connection =>
    {
        var client = admission.KeyOf(connection.RemoteEndPoint);
        try
        {
            await next(connection);
        }
        finally
        {
            admission.Leave(in client);
        }
    };

    /// <summary>Around a listener whose peers are balancers: their addresses say nothing.</summary>
    public ConnectionDelegate AroundBalancers(ConnectionDelegate next) => async connection =>
    {
        try
        {
            await next(connection);
        }
        finally
        {
            admission.Leave(default);
        }
    };

    /// <summary>Behind the PROXY header: the address is the client's.</summary>
    public ConnectionDelegate BehindHeader(ConnectionDelegate next) => async connection =>
    {
        var client = admission.KeyOf(connection.RemoteEndPoint);
        if (!admission.TryEnterAddress(in client))
        {
            connection.Abort(new ConnectionAbortedException("limits.connectionsPerAddress is reached."));
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            admission.LeaveAddress(in client);
        }
    };
}
