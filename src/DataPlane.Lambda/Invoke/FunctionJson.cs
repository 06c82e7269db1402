using System.Text.Json.Serialization;

namespace DataPlane.Lambda.Invoke;

/// <summary>Generated serializers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(List<FunctionView>))]
[JsonSerializable(typeof(InvokeError))]
internal sealed partial class FunctionJson : JsonSerializerContext;
