namespace DataPlane.Gateway.Upstreams.Retries;

/// <summary>Statuses from 400 to 599, compared by value. 0 bytes.</summary>
public readonly record struct StatusSet(UInt128 Client, UInt128 Server)
{
    private const int FirstClient = 400;
    private const int FirstServer = 500;
    private const int Last = 599;

    public bool IsEmpty => Client == 0 && Server == 0;

    public static StatusSet Of(IEnumerable<int> statuses)
    {
        UInt128 client = 0, server = 0;
        foreach (int status in statuses)
        {
            if (status is >= FirstClient and < FirstServer) client |= UInt128.One << (status - FirstClient);
            else if (status is >= FirstServer and <= Last) server |= UInt128.One << (status - FirstServer);
        }
        return new StatusSet(client, server);
    }

    public bool Contains(int status) => status switch
    {
        < FirstClient or > Last => false,
        < FirstServer => (Client & (UInt128.One << (status - FirstClient))) != 0,
        _ => (Server & (UInt128.One << (status - FirstServer))) != 0,
    };
}
