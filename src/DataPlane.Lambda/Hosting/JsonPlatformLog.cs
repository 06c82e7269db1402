using System.Buffers;
using System.Text;
using System.Text.Json;

namespace DataPlane.Lambda.Hosting;

/// <summary>The same events as lines of JSON: time, type, record.</summary>
internal sealed class JsonPlatformLog(string function, int memoryMiB, bool isProvisioned, RuntimeVersion runtime)
    : PlatformLog
{
    public override bool TellsTime => true;

    public override void Append(StringBuilder text, in FunctionLogEntry entry)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            var time = DateTimeOffset.FromUnixTimeMilliseconds(entry.TimeMs);
            json.WriteString("time"u8, $"{time:yyyy-MM-ddTHH:mm:ss.fffZ}");
            json.WriteString("type"u8, TypeOf(entry.Kind));
            json.WriteStartObject("record"u8);
            if (entry.Kind is FunctionLogKind.InitStart or FunctionLogKind.InitReport) WriteInit(json, entry);
            else WriteInvocation(json, entry);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        text.Append(Encoding.UTF8.GetString(bytes.WrittenSpan)).Append('\n');
    }

    private static ReadOnlySpan<byte> TypeOf(FunctionLogKind kind) => kind switch
    {
        FunctionLogKind.InitStart => "platform.initStart"u8,
        FunctionLogKind.InitReport => "platform.initReport"u8,
        FunctionLogKind.Start => "platform.start"u8,
        _ => "platform.report"u8,
    };

    private void WriteInit(Utf8JsonWriter json, in FunctionLogEntry entry)
    {
        json.WriteString(
            "initializationType"u8, isProvisioned ? "provisioned-concurrency"u8 : "on-demand"u8);
        json.WriteString("phase"u8, "init"u8);
        if (entry.Kind == FunctionLogKind.InitStart)
        {
            json.WriteString("runtimeVersion"u8, runtime.Name);
            json.WriteString("runtimeVersionArn"u8, runtime.Arn);
            json.WriteString("functionName"u8, function);
            json.WriteString("functionVersion"u8, "$LATEST"u8);
            return;
        }
        WriteStatus(json, entry);
        json.WriteStartObject("metrics"u8);
        json.WriteNumber("durationMs"u8, Rounded(entry.InitMs));
        json.WriteEndObject();
    }

    private void WriteInvocation(Utf8JsonWriter json, in FunctionLogEntry entry)
    {
        json.WriteString("requestId"u8, entry.Invocation);
        if (entry.Kind == FunctionLogKind.Start)
        {
            json.WriteString("version"u8, "$LATEST"u8);
            return;
        }
        json.WriteStartObject("metrics"u8);
        json.WriteNumber("durationMs"u8, Rounded(entry.RunMs));
        json.WriteNumber("billedDurationMs"u8, (int)Math.Ceiling(entry.RunMs));
        json.WriteNumber("memorySizeMB"u8, memoryMiB);
        json.WriteNumber("maxMemoryUsedMB"u8, entry.MemoryMiB);
        if (entry.InitMs > 0) json.WriteNumber("initDurationMs"u8, Rounded(entry.InitMs));
        json.WriteEndObject();
        WriteStatus(json, entry);
    }

    private static void WriteStatus(Utf8JsonWriter json, in FunctionLogEntry entry)
    {
        json.WriteString("status"u8, entry.Outcome switch
        {
            InvocationOutcome.Success => "success"u8,
            InvocationOutcome.TimedOut => "timeout"u8,
            _ => "error"u8,
        });
        if (entry.Text is { } type) json.WriteString("errorType"u8, type);
    }

    private static decimal Rounded(float ms) => Math.Round((decimal)ms, 3);
}
