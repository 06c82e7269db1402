using System.Net;

namespace DataPlane.Gateway.Transport.Admission;

/// <summary>
/// Decides who may connect: asked where a connection is accepted, before anything is made for it, and told when it has
/// ended. Any thread; 0 bytes per call.
/// </summary>
public sealed class ConnectionAdmission(TimeProvider time)
{
    private static readonly AdmissionLimits s_none = new();

    private readonly AddressCounts _addresses = new();
    private readonly AcceptRate _rate = new(time);
    private readonly long[] _refused = new long[Enum.GetValues<RefusalReason>().Length];
    private int _open;
    private long _pauses;
    private volatile bool _isClosed;

    /// <summary>The limits in force; asked each time, as reloads change them.</summary>
    public Func<AdmissionLimits> Limits { get; set; } = static () => s_none;

    /// <summary>Bits of an IPv6 address that count as one client.</summary>
    public int IPv6PrefixBits { get; init; } = 64;

    /// <summary>Admitted and not yet ended, whatever step they are at.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Client addresses with open connections.</summary>
    public int Addresses => _addresses.Addresses;

    /// <summary>Nobody new is admitted: the process is short of memory.</summary>
    public bool IsClosed
    {
        get => _isClosed;
        set => _isClosed = value;
    }

    /// <summary>Times a listener stopped accepting for a moment: its backlog was full, or the rate reached.</summary>
    public long Pauses => Volatile.Read(ref _pauses);

    public long Refused(RefusalReason reason) => Volatile.Read(ref _refused[(int)reason]);

    public AddressKey KeyOf(EndPoint? client) => AddressKey.Of(client, IPv6PrefixBits);

    /// <summary>
    /// 0: accept; else milliseconds to rest, while <paramref name="waiting"/> connections of the listener are not taken
    /// yet or the rate is reached.
    /// </summary>
    internal int RestBeforeAccept(int waiting)
    {
        var limits = Limits();
        int rest = waiting >= limits.AcceptBacklog
            ? TransportLimits.BacklogRestMs
            : _rate.RestMs(limits.AcceptsPerSecond);
        if (rest > 0) Interlocked.Increment(ref _pauses);
        return rest;
    }

    /// <summary>
    /// True: it is counted until <see cref="Leave"/> with the same key. An unknown address counts in the total only.
    /// </summary>
    public bool TryEnter(in AddressKey address)
    {
        var limits = Limits();
        _rate.Count(limits.AcceptsPerSecond);
        if (_isClosed) return Refuse(RefusalReason.Memory);
        if (Interlocked.Increment(ref _open) > limits.Connections)
        {
            Interlocked.Decrement(ref _open);
            return Refuse(RefusalReason.Connections);
        }
        if (_addresses.TryAdd(in address, limits.PerAddress)) return true;
        Interlocked.Decrement(ref _open);
        return Refuse(RefusalReason.Address);
    }

    public void Leave(in AddressKey address)
    {
        Interlocked.Decrement(ref _open);
        _addresses.Remove(in address);
    }

    /// <summary>For a connection already admitted whose client's address has become known.</summary>
    public bool TryEnterAddress(in AddressKey address) =>
        _addresses.TryAdd(in address, Limits().PerAddress) || Refuse(RefusalReason.Address);

    public void LeaveAddress(in AddressKey address) => _addresses.Remove(in address);

    private bool Refuse(RefusalReason reason)
    {
        Interlocked.Increment(ref _refused[(int)reason]);
        return false;
    }
}
