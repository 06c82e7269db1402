using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlane.Hosting;

/// <summary>What <c>POST /cache/purge</c> takes.</summary>
[JsonSerializable(typeof(PurgeBody))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class PurgeJson : JsonSerializerContext;
