using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>log</c>.</summary>
internal static class LogBinder
{
    public static KeyTable Keys { get; } = new(
        new ConfigKey("level", ValueShape.Choice("debug", "info", "warning", "error"), "The least severe messages.")
        {
            Default = "info",
        },
        new ConfigKey("format", ValueShape.Choice("text", "json"), "How a message is written.") { Default = "text" });

    public static LogConfig Bind(NodeReader reader) => new()
    {
        Level = reader.Enum<LogSeverity>("level"),
        Format = reader.Enum<LogConsoleFormat>("format"),
    };
}
