using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Transport.Admission;

/// <summary>
/// Open connections by client address, exact over all loops. An address without connections has no entry, so there are
/// never more entries than connections. Any thread; striped locks, taken once when a connection comes and once when it
/// goes, never for a request. 0 bytes, once grown.
/// </summary>
internal sealed class AddressCounts
{
    private const int Stripes = 64;

    private readonly Dictionary<UInt128, int>[] _stripes = new Dictionary<UInt128, int>[Stripes];

    public AddressCounts()
    {
        for (int stripe = 0; stripe < Stripes; stripe++) _stripes[stripe] = [];
    }

    /// <summary>Addresses with open connections. For people and tests.</summary>
    public int Addresses
    {
        get
        {
            int addresses = 0;
            foreach (var stripe in _stripes)
            {
                lock (stripe) addresses += stripe.Count;
            }
            return addresses;
        }
    }

    /// <summary>Counts one more, unless there are <paramref name="most"/>; 0 is no limit.</summary>
    public bool TryAdd(in AddressKey address, int most)
    {
        if (!address.IsKnown) return true;
        var stripe = StripeOf(address);
        lock (stripe)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(stripe, address.Value, out _);
            // An entry that was just made has room: most is at least 1.
            if (most > 0 && count >= most) return false;
            count++;
            return true;
        }
    }

    public void Remove(in AddressKey address)
    {
        if (!address.IsKnown) return;
        var stripe = StripeOf(address);
        lock (stripe)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrNullRef(stripe, address.Value);
            if (--count == 0) stripe.Remove(address.Value);
        }
    }

    private Dictionary<UInt128, int> StripeOf(in AddressKey address) =>
        _stripes[(uint)address.Value.GetHashCode() % Stripes];
}
