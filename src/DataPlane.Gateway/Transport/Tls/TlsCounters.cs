using System.Security.Authentication;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>Handshakes of one listener or upstream since the process began. Any thread; cold.</summary>
public sealed class TlsCounters
{
    private readonly long[] _failed = new long[Enum.GetValues<TlsFault>().Length];
    private long _tls12;
    private long _tls13;

    public long Tls12 => Interlocked.Read(ref _tls12);

    public long Tls13 => Interlocked.Read(ref _tls13);

    public long Failed => _failed.Sum(static count => count);

    public long FailedBy(TlsFault fault) => Interlocked.Read(ref _failed[(int)fault]);

    internal void Count(in TlsResult result)
    {
        if (result.Connection is null) Count(result.Fault);
        else Count(result.Connection.Tls.SslProtocol);
    }

    internal void Count(TlsFault fault) => Interlocked.Increment(ref _failed[(int)fault]);

    internal void Count(SslProtocols version) =>
        Interlocked.Increment(ref version == SslProtocols.Tls13 ? ref _tls13 : ref _tls12);
}
