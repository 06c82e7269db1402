using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;

namespace DataPlane.Gateway.Upstreams.Admission;

/// <summary>
/// Lets exchanges go to an upstream or answers them at once: its most requests under way, and its circuit breaker. An
/// upstream with neither has none. The count is kept per loop and added up to decide, so as many exchanges as there are
/// loops may go over the bound when all ask in the same moment. Loop threads; 0 bytes.
/// </summary>
public sealed class UpstreamGate(int maxRequests, CircuitBreaker? breaker, LocalReply? fallback, LoopSet loops)
{
    /// <summary>Two cache lines of 64-bit cells.</summary>
    private const int Stride = 16;

    // One group in front, against whatever lies before the array: see ShardedCounter.
    private readonly long[] _underWay = new long[(loops.Count + 1) * Stride];
    private readonly long[] _refused = new long[(loops.Count + 1) * Stride];

    public CircuitBreaker? Breaker => breaker;

    public int MaxRequests => maxRequests;

    /// <summary>Exchanges under way, those that wait for a connection included. Any thread.</summary>
    public long UnderWay => Sum(_underWay);

    /// <summary>Exchanges refused because too many were under way or the circuit was open. Any thread.</summary>
    public long Refused => Sum(_refused);

    /// <summary>
    /// True: the exchange is under way until <see cref="Leave"/>. False: <paramref name="outcome"/> says why not, and
    /// the exchange may have been given a reply.
    /// </summary>
    public bool TryEnter(Exchange exchange, out ExchangeOutcome outcome)
    {
        var loop = exchange.Loop;
        if (maxRequests > 0 && UnderWay >= maxRequests)
        {
            outcome = ExchangeOutcome.UpstreamOverloaded;
            Add(_refused, loop, 1);
            return false;
        }
        if (breaker is not null && !breaker.TryEnter(loop))
        {
            exchange.Reply = fallback;
            outcome = ExchangeOutcome.CircuitOpen;
            Add(_refused, loop, 1);
            return false;
        }
        outcome = ExchangeOutcome.Completed;
        Add(_underWay, loop, 1);
        return true;
    }

    /// <summary>The exchange has ended, with this outcome, which is handed on.</summary>
    public ExchangeOutcome Leave(Exchange exchange, ExchangeOutcome outcome)
    {
        Add(_underWay, exchange.Loop, -1);
        if (breaker is not null && TryJudge(exchange, outcome, out bool failed))
            breaker.Record(exchange.Loop, exchange.UpstreamStartTimestamp, failed);
        return outcome;
    }

    /// <summary>False when the end says nothing about the upstream: a client's fault, or our own bounds.</summary>
    private static bool TryJudge(Exchange exchange, ExchangeOutcome outcome, out bool failed)
    {
        failed = outcome != ExchangeOutcome.Completed || exchange.Response.StatusCode >= 500
            || GrpcStatuses.ToHttp(exchange.GrpcStatus) >= 500;
        return outcome == ExchangeOutcome.Completed
            || (outcome != ExchangeOutcome.UpstreamOverloaded && ErrorTable.Of(outcome).Side == FaultSide.Upstream);
    }

    private static void Add(long[] cells, EventLoop loop, long amount)
    {
        ref long cell = ref cells[(loop.Index + 1) * Stride];
        Volatile.Write(ref cell, cell + amount);
    }

    private static long Sum(long[] cells)
    {
        long sum = 0;
        for (int each = Stride; each < cells.Length; each += Stride) sum += Volatile.Read(ref cells[each]);
        return sum;
    }
}
