using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using DataPlane.Gateway.Recording;

namespace DataPlane.Admin;

/// <summary>Generated serializers: reflection would cost start-up time and memory for a handful of types.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<AdminRoute>))]
[JsonSerializable(typeof(IReadOnlyList<AdminUpstream>))]
[JsonSerializable(typeof(AdminConnections))]
[JsonSerializable(typeof(IReadOnlyList<ErrorView>))]
[JsonSerializable(typeof(AdminProblem))]
[JsonSerializable(typeof(IReadOnlyList<AdminGeneration>))]
[JsonSerializable(typeof(AdminRefusal))]
[JsonSerializable(typeof(AdminConfigProblem))]
[JsonSerializable(typeof(AdminConfigTaken))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class AdminJson : JsonSerializerContext;
