using System.Reflection;

namespace DataPlane.Bootstrap;

/// <summary>
/// The method that <c>Assembly::Type::Method</c> names, with the instance it is called on: at most one parameter for
/// the event and one <c>ILambdaContext</c>, and any result, also in a task.
/// </summary>
internal sealed class HandlerMethod
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    private static readonly byte[] s_null = "null"u8.ToArray();

    private readonly MethodInfo _method;
    private readonly ParameterInfo[] _parameters;
    private readonly object? _instance;
    private readonly PayloadSerializer _serializer;

    private HandlerMethod(MethodInfo method, object? instance)
    {
        _method = method;
        _parameters = method.GetParameters();
        _instance = instance;
        _serializer = new PayloadSerializer(method);
    }

    public static HandlerMethod Find(string handler, string folder)
    {
        string[] parts = handler.Split("::");
        if (parts.Length != 3 || parts.Any(part => part.Length == 0))
        {
            throw new HandlerException(
                $"Invalid lambda function handler: '{handler}'. The valid format is 'ASSEMBLY::TYPE::METHOD'.");
        }
        string path = Path.GetFullPath(Path.Combine(folder, parts[0] + ".dll"));
        var assembly = new FunctionAssembly(path).Load();
        var type = assembly.GetType(parts[1]) ?? throw new HandlerException(
            $"Unable to load type '{parts[1]}' from assembly '{parts[0]}'.");
        MethodInfo[] named = [.. type.GetMethods(All).Where(method => method.Name == parts[2])];
        if (named is not [var found])
        {
            throw new HandlerException(named.Length == 0
                ? $"Found no method '{parts[2]}' in type '{parts[1]}'."
                : $"Found {named.Length} methods '{parts[2]}' in type '{parts[1]}': give the handler its own name.");
        }
        if (found.ContainsGenericParameters)
            throw new HandlerException($"'{parts[2]}' in type '{parts[1]}' is generic, and cannot be a handler.");
        if (found.GetParameters().Count(parameter => !IsContext(parameter)) > 1)
            throw new HandlerException($"'{parts[2]}' in type '{parts[1]}' has more than an event and a context.");
        return new HandlerMethod(found, found.IsStatic ? null : Activator.CreateInstance(type));
    }

    /// <summary>The answer's JSON, or what a stream holds. Throws what the handler throws.</summary>
    public async Task<byte[]> CallAsync(byte[] body, InvocationContext invocation)
    {
        object?[] arguments = [.. _parameters.Select(parameter => IsContext(parameter)
            ? ContextProxy.Of(parameter.ParameterType, invocation)
            : _serializer.Read(body, parameter.ParameterType))];
        object? result = _method.Invoke(_instance, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        var type = _method.ReturnType;
        if (type == typeof(void)) return s_null;
        if (IsValueTask(type)) (result, type) = AsTask(result!, type);
        if (result is not Task task) return _serializer.Write(result, type);
        await task;
        // A method that is async without a result returns a task of a type that nobody sees.
        if (!type.IsGenericType) return s_null;
        return _serializer.Write(type.GetProperty("Result")!.GetValue(task), type.GetGenericArguments()[0]);
    }

    private static bool IsContext(ParameterInfo parameter) =>
        parameter.ParameterType is { IsInterface: true, Name: "ILambdaContext" };

    private static bool IsValueTask(Type type) =>
        type == typeof(ValueTask) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));

    private static (object Task, Type Type) AsTask(object valueTask, Type type)
    {
        object task = type.GetMethod(nameof(ValueTask.AsTask))!.Invoke(valueTask, null)!;
        return (task, type.IsGenericType ? typeof(Task<>).MakeGenericType(type.GetGenericArguments()) : typeof(Task));
    }
}
