using System.Text;
using System.Text.Json;
using DataPlane.Lambda.EventStreams;
using DataPlane.Lambda.Hosting;
using Microsoft.AspNetCore.Http;

namespace DataPlane.Lambda.Invoke;

/// <summary>
/// The answer of <c>InvokeWithResponseStream</c>: pieces as the function writes them, and one message that says how it
/// ended. Any thread.
/// </summary>
internal static class InvokeStream
{
    /// <summary>Bytes of a message's payload at most: a piece of more is several.</summary>
    private const int ChunkBytes = 64 * 1024;

    public static async Task SendAsync(HttpContext context, Invocation invocation)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/vnd.amazon.eventstream";
        response.Headers["X-Amz-Executed-Version"] = "$LATEST";
        string? code = null, details = null;
        if (invocation.Stream is { } stream)
        {
            if (!await RelayAsync(context, stream)) return;
            if (stream.Fault is { } fault) (code, details) = ("Unhandled", fault);
        }
        else if (invocation.Status == InvocationStatus.FunctionError)
        {
            (code, details) = ("Unhandled", Encoding.UTF8.GetString(invocation.Answer.Span));
        }
        else
        {
            Write(response, invocation.Answer.Memory);
        }
        EventStreamWriter.WriteComplete(response.BodyWriter, Complete(code, details, invocation));
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>False when the caller has left.</summary>
    private static async Task<bool> RelayAsync(HttpContext context, AnswerStream stream)
    {
        var response = context.Response;
        try
        {
            while (true)
            {
                var result = await stream.Input.ReadAsync(context.RequestAborted);
                foreach (var piece in result.Buffer) Write(response, piece);
                stream.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) return true;
                await response.BodyWriter.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            stream.Abandon();
        }
    }

    private static void Write(HttpResponse response, ReadOnlyMemory<byte> bytes)
    {
        for (int at = 0; at < bytes.Length; at += ChunkBytes)
        {
            EventStreamWriter.WriteChunk(
                response.BodyWriter, bytes.Span.Slice(at, Math.Min(ChunkBytes, bytes.Length - at)));
        }
    }

    private static byte[] Complete(string? code, string? details, Invocation invocation)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (code is not null) json.WriteString("ErrorCode"u8, code);
            if (details is not null) json.WriteString("ErrorDetails"u8, details);
            if (invocation.WantsTail) json.WriteBase64String("LogResult"u8, invocation.Tail);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }
}
