using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace DataPlane.Benchmarks.Gate;

/// <summary>One benchmark method with one choice of its parameters, set up and ready to call.</summary>
internal sealed class MeasuredCase : IDisposable
{
    private readonly Type _type;
    private readonly List<MethodInfo> _methods;

    private MeasuredCase(Type type, MethodInfo method, IReadOnlyList<KeyValuePair<MemberInfo, object?>> parameters)
    {
        _type = type;
        _methods = [.. type.GetMethods(BindingFlags.Public | BindingFlags.Instance)];
        Method = method;
        Instance = Activator.CreateInstance(type)!;
        foreach (var (member, value) in parameters)
            Assign(member, value);
        var choice = string.Join(", ", parameters.Select(parameter => $"{parameter.Key.Name}={parameter.Value}"));
        Label = choice.Length == 0 ? NameOf(type, method) : $"{NameOf(type, method)}({choice})";
        var operations = method.GetCustomAttribute<BenchmarkAttribute>()!.OperationsPerInvoke;
        OperationsPerCall = Math.Max(1, operations);
        Call<GlobalSetupAttribute>(setup => setup.Targets);
    }

    public object Instance { get; }

    public MethodInfo Method { get; }

    /// <summary>The benchmark's name, with its parameters when it has any.</summary>
    public string Label { get; }

    public int OperationsPerCall { get; }

    /// <summary>Every type of this assembly that has benchmark methods, in order of name.</summary>
    public static IReadOnlyList<Type> Types =>
    [
        .. typeof(MeasuredCase).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && MethodsOf(type).Count > 0)
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<MethodInfo> MethodsOf(Type type) =>
    [
        .. type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => method.IsDefined(typeof(BenchmarkAttribute), inherit: true)),
    ];

    /// <summary>The key of a benchmark in the budget file: type and method.</summary>
    public static string NameOf(Type type, MethodInfo method) => $"{type.Name}.{method.Name}";

    /// <summary>A case for each choice of the parameters, made as it is asked for: a setup may be large.</summary>
    public static IEnumerable<MeasuredCase> Of(Type type, MethodInfo method)
    {
        if (method.GetParameters().Length > 0)
            throw new NotSupportedException($"{NameOf(type, method)}: the gate does not know [Arguments].");
        IEnumerable<KeyValuePair<MemberInfo, object?>[]> choices = [[]];
        foreach (var member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance))
        {
            if (ValuesOf(type, member) is { } values)
                choices = choices.SelectMany(_ => values, (chosen, value) => Append(chosen, member, value));
        }

        return choices.Select(chosen => new MeasuredCase(type, method, chosen));
    }

    public void SetUpIteration() => Call<IterationSetupAttribute>(setup => setup.Targets);

    public void CleanUpIteration() => Call<IterationCleanupAttribute>(cleanup => cleanup.Targets);

    public void Dispose() => Call<GlobalCleanupAttribute>(cleanup => cleanup.Targets);

    private static KeyValuePair<MemberInfo, object?>[] Append(
        KeyValuePair<MemberInfo, object?>[] chosen, MemberInfo member, object? value) =>
        [.. chosen, new(member, value)];

    /// <summary>The values of a [Params] or [ParamsSource] member; null when it is no parameter.</summary>
    private static IEnumerable<object?>? ValuesOf(Type type, MemberInfo member)
    {
        if (member.GetCustomAttribute<ParamsAttribute>() is { } listed)
            return listed.Values;
        if (member.IsDefined(typeof(ParamsAllValuesAttribute)))
            throw new NotSupportedException($"{type.Name}.{member.Name}: the gate does not know [ParamsAllValues].");
        if (member.GetCustomAttribute<ParamsSourceAttribute>() is not { } source)
            return null;
        var values = type.GetProperty(source.Name)?.GetMethod ?? type.GetMethod(source.Name);
        var owner = values!.IsStatic ? null : Activator.CreateInstance(type);
        return ((System.Collections.IEnumerable)values.Invoke(owner, parameters: null)!).Cast<object?>();
    }

    private void Assign(MemberInfo member, object? value)
    {
        if (member is PropertyInfo property)
            property.SetValue(Instance, value);
        else if (member is FieldInfo field)
            field.SetValue(Instance, value);
    }

    private void Call<TAttribute>(Func<TAttribute, string[]> targetsOf)
        where TAttribute : Attribute
    {
        foreach (var method in _methods)
        {
            if (method.GetCustomAttribute<TAttribute>() is not { } attribute)
                continue;
            var targets = targetsOf(attribute);
            if (targets.Length > 0 && !targets.Contains(Method.Name, StringComparer.Ordinal))
                continue;
            var result = method.Invoke(Instance, parameters: null);
            (result as Task ?? (result as ValueTask?)?.AsTask())?.GetAwaiter().GetResult();
        }
    }

    public override string ToString() => $"{_type.Name}: {Label}";
}
