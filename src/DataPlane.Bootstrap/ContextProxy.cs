using System.Reflection;

namespace DataPlane.Bootstrap;

/// <summary>
/// Stands for <c>ILambdaContext</c> and what it leads to, of whichever version of Amazon.Lambda.Core the function
/// brings: members are told by their names. The gateway references no such package.
/// </summary>
public class ContextProxy : DispatchProxy
{
    private InvocationContext? _invocation;

    internal static object Of(Type contract, InvocationContext invocation)
    {
        object proxy = Create(contract, typeof(ContextProxy));
        ((ContextProxy)proxy)._invocation = invocation;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        string name = targetMethod!.Name;
        if (name.StartsWith("Log", StringComparison.Ordinal)) return Log(name, args ?? []);
        if (!name.StartsWith("get_", StringComparison.Ordinal)) return null;
        var type = targetMethod.ReturnType;
        string property = name[4..];
        // Logger, and ClientContext when the caller sent one, with what is in it.
        if (type.IsInterface && !type.IsGenericType)
            return property != "ClientContext" || _invocation!.HasClient ? Of(type, _invocation!) : null;
        object? value = property switch
        {
            "Custom" => _invocation!.ReadClient("custom"),
            "Environment" => _invocation!.ReadClient("env"),
            _ => _invocation!.Read(property),
        };
        return value is not null && type.IsInstanceOfType(value)
            ? value
            : type.IsValueType ? Activator.CreateInstance(type) : null;
    }

    /// <summary>Log and LogLine have a message; LogInformation and its like too, perhaps with arguments.</summary>
    private object? Log(string name, object?[] args)
    {
        object?[] words = [.. args.Where(each => each is not object?[])];
        string message = words.LastOrDefault()?.ToString() ?? "";
        string level = words is [not null, _] ? words[0]!.ToString()!.ToLowerInvariant() : name switch
        {
            "LogTrace" => "trce",
            "LogDebug" => "dbug",
            "LogWarning" => "warn",
            "LogError" => "fail",
            "LogCritical" => "crit",
            _ => "info",
        };
        _invocation!.Log.Write(level, message);
        return null;
    }
}
