using System.Text.Json.Serialization;
using DataPlane.Lambda.Queue;

namespace DataPlane.Lambda.Invoke;

/// <summary>Generated serializers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<FunctionView>))]
[JsonSerializable(typeof(InvokeError))]
[JsonSerializable(typeof(QueueView))]
internal sealed partial class FunctionJson : JsonSerializerContext;
