using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>Spare calls of the loop whose thread this is.</summary>
internal static class Http2Calls
{
    [ThreadStatic]
    private static Stack<Http2Call>? t_spares;

    public static Http2Call Rent(EventLoop loop) =>
        t_spares is { } spares && spares.TryPop(out var call) ? call : new Http2Call(loop);

    public static void Return(Http2Call call)
    {
        var spares = t_spares ??= new Stack<Http2Call>();
        if (spares.Count < Limits.SpareExchanges) spares.Push(call);
    }
}
