using DataPlane.Gateway.Loops;

namespace DataPlane.Lambda.Hosting;

/// <summary>The invocations that exchanges of one loop use again. Loop thread; 0 bytes while it has a spare.</summary>
internal sealed class InvocationPool(EventLoop loop)
{
    private readonly Stack<Invocation> _spares = new();

    public Invocation Rent() => _spares.TryPop(out var spare) ? spare : new Invocation(loop) { Home = this };

    public void Return(Invocation invocation)
    {
        if (_spares.Count < LambdaLimits.SpareInvocations) _spares.Push(invocation);
    }
}
