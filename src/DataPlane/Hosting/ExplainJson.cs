using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlane.Gateway.Compilation.Explaining;

namespace DataPlane.Hosting;

/// <summary>What <c>POST /explain</c> takes and answers.</summary>
[JsonSerializable(typeof(ExplainBody))]
[JsonSerializable(typeof(Explanation))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true)]
internal sealed partial class ExplainJson : JsonSerializerContext;
