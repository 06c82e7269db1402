namespace DataPlane.Gateway.Pipeline;

/// <summary>The bounds of listener and route on exchanges under way. Loop thread; 0 bytes.</summary>
internal static class InFlightBounds
{
    /// <summary>Whatever was entered is left by <see cref="Leave"/>, also when a later bound is full.</summary>
    public static ExchangeOutcome Enter(Exchange exchange)
    {
        if (exchange.Listener.InFlight is { } ofListener)
        {
            if (!ofListener.TryEnter(exchange.Loop)) return ExchangeOutcome.ListenerOverloaded;
            exchange.Bounds |= ExchangeBounds.Listener;
        }
        if (exchange.Route!.InFlight is { } ofRoute)
        {
            if (!ofRoute.TryEnter(exchange.Loop)) return ExchangeOutcome.RouteOverloaded;
            exchange.Bounds |= ExchangeBounds.Route;
        }
        return ExchangeOutcome.Completed;
    }

    /// <summary>Also of a place that a policy has entered for its caller.</summary>
    public static void Leave(Exchange exchange)
    {
        if (exchange.Bounds == ExchangeBounds.None) return;
        if ((exchange.Bounds & ExchangeBounds.Listener) != 0) exchange.Listener.InFlight!.Leave(exchange.Loop);
        if ((exchange.Bounds & ExchangeBounds.Route) != 0) exchange.Route!.InFlight!.Leave(exchange.Loop);
        if ((exchange.Bounds & ExchangeBounds.Caller) != 0) exchange.CallerPlace.Leave();
        exchange.Bounds = ExchangeBounds.None;
    }
}
