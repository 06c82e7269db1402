using System.Text.Json.Serialization;

namespace DataPlane.Admin;

/// <summary>Generated serializers: reflection would cost start-up time and memory for three types.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<AdminRoute>))]
[JsonSerializable(typeof(IReadOnlyList<AdminUpstream>))]
[JsonSerializable(typeof(AdminProblem))]
internal sealed partial class AdminJson : JsonSerializerContext;
