using System.Buffers;
using System.Text.Json;
using DataPlane.Config;
using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Lambda.Calling;
using DataPlane.Lambda.EventStreams;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Remote;

/// <summary>
/// Passes on an answer that comes as an event stream: its pieces are taken out of their messages and go the way of a
/// hosted function's. Loop thread; allocates.
/// </summary>
internal static class RemoteStream
{
    public static async ValueTask<ExchangeOutcome> RunAsync(
        Exchange exchange, ResponseSink sink, UpstreamConnection connection, RemoteFunction function,
        CallScratch scratch, FunctionEventFormat format)
    {
        // Only raw answers may come without status and headers in front.
        var stream = new AnswerStream(
            format == FunctionEventFormat.Raw ? "application/octet-stream" : StreamRelay.PreludeType);
        var pump = PumpAsync(connection, stream, function).AsTask();
        var outcome = await StreamRelay.RunAsync(exchange, sink, stream, scratch, format);
        // Nobody wants the rest.
        if (!pump.IsCompleted) connection.Stop(ExchangeOutcome.ClientAborted);
        await pump;
        return outcome;
    }

    private static async ValueTask<bool> PumpAsync(
        UpstreamConnection connection, AnswerStream stream, RemoteFunction function)
    {
        connection.IsAnswering = true;
        var reader = new EventStreamReader();
        var body = new UpstreamBody(connection, trailers: null);
        string? fault = "The answer has no end.";
        bool hasEnded = false;
        try
        {
            while (true)
            {
                while (body.TryTake(connection, out var run))
                {
                    if (!hasEnded && !Take(reader, run.Span, stream.Output, function, ref fault)) return false;
                    hasEnded |= fault is null;
                }
                if (body.HasFailed) return false;
                if (body.HasEnded) break;
                connection.Disarm();
                var flushed = await stream.Output.FlushAsync();
                if (flushed.IsCompleted || !await RemoteBody.MoreAsync(connection)) return false;
            }
            connection.IsClean = connection.Head.KeepAlive && connection.Held.IsEmpty;
            return true;
        }
        finally
        {
            connection.ReleaseHeld();
            reader.Release();
            stream.Complete(fault);
        }
    }

    /// <summary>False when the stream is broken. No fault any more: its last message has come.</summary>
    private static bool Take(
        EventStreamReader reader, ReadOnlySpan<byte> bytes, IBufferWriter<byte> output, RemoteFunction function,
        ref string? fault)
    {
        while (true)
        {
            switch (reader.Read(ref bytes, out var message))
            {
                case EventStreamStatus.NeedsMore:
                    return true;
                case EventStreamStatus.Broken:
                    fault = "The event stream is broken.";
                    return false;
            }
            if (!message.Kind.SequenceEqual("event"u8))
            {
                fault = "The service ended the answer.";
                return false;
            }
            if (message.Name.SequenceEqual("PayloadChunk"u8)) output.Write(message.Payload);
            else if (message.Name.SequenceEqual("InvokeComplete"u8)) fault = FaultOf(message.Payload, function);
        }
    }

    /// <summary>Null when the function ended well.</summary>
    private static string? FaultOf(ReadOnlySpan<byte> complete, RemoteFunction function)
    {
        string? fault = null;
        try
        {
            var json = new Utf8JsonReader(complete);
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName) continue;
                bool isError = json.ValueTextEquals("ErrorCode"u8), isLog = json.ValueTextEquals("LogResult"u8);
                json.Read();
                if (json.TokenType != JsonTokenType.String || json.ValueSpan.IsEmpty) continue;
                if (isError) fault = json.GetString();
                if (isLog && function.Config.LogsToGateway) function.TellLog(json.ValueSpan);
            }
        }
        catch (JsonException)
        {
            fault = "The end of the answer is no JSON.";
        }
        return fault;
    }
}
