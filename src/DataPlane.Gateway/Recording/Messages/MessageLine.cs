using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording.Messages;

/// <summary>A message as one line, whatever its text holds.</summary>
internal static class MessageLine
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    public static byte[] Text(in Message message, long suppressed, DateTimeOffset now)
    {
        var line = new StringBuilder();
        line.Append(now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        line.Append(' ').Append(NameOf(message.Level)).Append(' ').Append(message.Category).Append(": ");
        line.Append(message.Text);
        if (suppressed > 0) line.Append(CultureInfo.InvariantCulture, $" (suppressed {suppressed} times)");
        if (message.Error is not null) line.Append(" | ").Append(message.Error);
        // Somebody else's words may be in it: a line end would begin a message of theirs.
        for (int at = 0; at < line.Length; at++)
        {
            if (line[at] is '\n') line[at] = '|';
            else if (char.IsControl(line[at])) line[at] = ' ';
        }
        return Encoding.UTF8.GetBytes(line.Append('\n').ToString());
    }

    public static byte[] Json(in Message message, long suppressed, DateTimeOffset now)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("time", now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            json.WriteString("level", NameOf(message.Level));
            json.WriteString("category", message.Category);
            json.WriteNumber("event", message.Event.Id);
            json.WriteString("message", message.Text);
            if (suppressed > 0) json.WriteNumber("suppressed", suppressed);
            WriteValues(json, message.Values ?? []);
            if (message.Error is not null) json.WriteString("error", message.Error.ToString());
            json.WriteEndObject();
        }
        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        bool hasAny = false;
        foreach (var (name, value) in values)
        {
            if (name == "{OriginalFormat}") continue;
            if (!hasAny) json.WriteStartObject("values");
            hasAny = true;
            if (value is int or long) json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
            else json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
        }
        if (hasAny) json.WriteEndObject();
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };
}
