using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>
/// What other products tell exchanges apart by: indexes of the listener, the route and the upstream (-1 for none), the
/// method and the exact status. A value of <see cref="Any"/> was summed over.
/// </summary>
internal readonly record struct CompatibleKey(int Listener, int Route, int Upstream, RequestMethod Method, int Status)
{
    public const int Any = int.MinValue;
}
