using DataPlane.Config;

namespace DataPlane.Gateway.Compilation;

/// <summary>What a policy with state is called, in metrics and as the key of its state.</summary>
internal static class PolicyNames
{
    /// <summary>Its name, or its route's id with a number from the second of its kind on.</summary>
    public static string Of(PolicyReference policy, RouteConfig route)
    {
        if (policy.Name is { } name) return name;
        int number = route.Policies.Where(each => each.Kind == policy.Kind && each.Name is null)
            .TakeWhile(each => !ReferenceEquals(each.Node, policy.Node)).Count();
        return number == 0 ? route.Id : $"{route.Id}#{number + 1}";
    }
}
