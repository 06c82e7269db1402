using System.Text.Json.Serialization;

namespace DataPlane.Gateway.Pipeline;

[JsonSerializable(typeof(string))]
internal sealed partial class ReplyJson : JsonSerializerContext;
