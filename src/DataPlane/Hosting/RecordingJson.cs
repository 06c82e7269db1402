using System.Text.Json.Serialization;
using DataPlane.Config;

namespace DataPlane.Hosting;

/// <summary>
/// Writers of what recorders are made from, for comparing it. Made when the gateway is built: by reflection, the first
/// change of a configuration waits until the runtime has compiled some 700 methods for it.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(AccessLogConfig))]
[JsonSerializable(typeof(LogRedactionConfig))]
[JsonSerializable(typeof(MetricsConfig))]
[JsonSerializable(typeof(TracingConfig))]
internal sealed partial class RecordingJson : JsonSerializerContext;
