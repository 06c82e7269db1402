using System.Runtime.InteropServices;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Routing;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// What one generation did while two of them serve: exchanges and, of these, failed ones. Each loop counts in a cell of
/// its own. Count: that loop's thread, 0 bytes. Read: any thread.
/// </summary>
public sealed class RolloutTally
{
    private readonly Cell[] _cells;
    private readonly RouteMatch[] _matches;
    private readonly GatewaySnapshot? _before;

    /// <summary>
    /// With <paramref name="before"/>, a request for which there is no route any more counts as failed.
    /// </summary>
    public RolloutTally(int loops, GatewaySnapshot? before)
    {
        _before = before;
        _cells = new Cell[loops];
        _matches = new RouteMatch[before is null ? 0 : loops];
        for (int loop = 0; loop < _matches.Length; loop++) _matches[loop] = new RouteMatch();
    }

    public void Count(Exchange exchange, ExchangeOutcome outcome, int statusCode)
    {
        ref var cell = ref _cells[exchange.Loop.Index];
        Volatile.Write(ref cell.Exchanges, cell.Exchanges + 1);
        if (HasFailed(exchange, outcome, statusCode)) Volatile.Write(ref cell.Failed, cell.Failed + 1);
    }

    /// <summary>Over all loops; a loop may be a moment ahead.</summary>
    public (long Exchanges, long Failed) Read()
    {
        long exchanges = 0, failed = 0;
        for (int loop = 0; loop < _cells.Length; loop++)
        {
            failed += Volatile.Read(ref _cells[loop].Failed);
            exchanges += Volatile.Read(ref _cells[loop].Exchanges);
        }
        return (exchanges, failed);
    }

    private bool HasFailed(Exchange exchange, ExchangeOutcome outcome, int statusCode)
    {
        // Whoever sent the 5xx: a wrong path or header of ours makes an upstream fail.
        if (statusCode >= 500 || ErrorTable.Of(outcome).Side is FaultSide.Upstream or FaultSide.Gateway) return true;
        return _before is not null
            && outcome is ExchangeOutcome.RouteNotFound or ExchangeOutcome.MethodNotAllowed
            && HadRoute(exchange);
    }

    private bool HadRoute(Exchange exchange)
    {
        var match = _matches[exchange.Loop.Index];
        var status = _before!.Routes.Match(
            exchange.Host, exchange.CanonicalPath, exchange.Request, exchange.HeadBytes, match);
        match.Reset();
        return status == RouteMatchStatus.Found;
    }

    /// <summary>Padded: neighbouring loops must not share a cache line.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(0)]
        public long Exchanges;

        [FieldOffset(8)]
        public long Failed;
    }
}
