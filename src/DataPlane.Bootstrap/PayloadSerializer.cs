using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlane.Bootstrap;

/// <summary>
/// Reads events and writes answers: by the serializer that the method or its assembly names with
/// <c>[LambdaSerializer]</c>, else by System.Text.Json.
/// </summary>
internal sealed class PayloadSerializer
{
    private static readonly JsonSerializerOptions s_standard = new()
    {
        PropertyNameCaseInsensitive = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly object? _own;
    private readonly MethodInfo? _read;
    private readonly MethodInfo? _write;

    public PayloadSerializer(MethodInfo method)
    {
        var attribute = method.GetCustomAttributes().Concat(method.DeclaringType!.Assembly.GetCustomAttributes())
            .FirstOrDefault(each => each.GetType().Name == "LambdaSerializerAttribute");
        if (attribute?.GetType().GetProperty("SerializerType")?.GetValue(attribute) is not Type type) return;
        _own = Activator.CreateInstance(type)
            ?? throw new HandlerException($"The serializer {type} cannot be created.");
        _read = MethodOf(type, "Deserialize");
        _write = MethodOf(type, "Serialize");
    }

    public object? Read(byte[] json, Type type)
    {
        if (typeof(Stream).IsAssignableFrom(type)) return new MemoryStream(json, writable: false);
        if (_own is null) return JsonSerializer.Deserialize(json, type, s_standard);
        using var stream = new MemoryStream(json, writable: false);
        return _read!.MakeGenericMethod(type).Invoke(_own, [stream]);
    }

    public byte[] Write(object? value, Type type)
    {
        if (value is Stream answer)
        {
            using (answer)
            {
                using var copy = new MemoryStream();
                answer.CopyTo(copy);
                return copy.ToArray();
            }
        }
        if (_own is null) return JsonSerializer.SerializeToUtf8Bytes(value, type, s_standard);
        using var stream = new MemoryStream();
        _write!.MakeGenericMethod(type).Invoke(_own, [value, stream]);
        return stream.ToArray();
    }

    /// <summary>It may implement the interface explicitly, so that its own methods are not enough to look at.</summary>
    private static MethodInfo MethodOf(Type type, string name) =>
        type.GetInterfaces().Prepend(type).Select(each => each.GetMethod(name)).FirstOrDefault(each => each is not null)
            ?? throw new HandlerException($"The serializer {type} has no method {name}.");
}
