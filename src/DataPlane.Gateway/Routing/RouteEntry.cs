using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Routing;

/// <summary>One route at the node where its path ends. Methods are bits of <see cref="MethodTable"/>.</summary>
internal readonly record struct RouteEntry(Route Route, ulong Methods, int Priority, RouteConditions? Conditions)
{
    public bool MeetsConditions(RequestHead head, ReadOnlySpan<byte> headBytes) =>
        Conditions is null || Conditions.AreMet(head, headBytes);
}
