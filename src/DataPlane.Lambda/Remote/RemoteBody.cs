using System.Runtime.CompilerServices;
using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Remote;

/// <summary>Reads the body of an Invoke answer whole. Loop thread; 0 bytes.</summary>
internal static class RemoteBody
{
    /// <summary>After its head was taken. The connection is clean when it may carry another request.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public static async ValueTask<ExchangeOutcome> GatherAsync(UpstreamConnection connection, PayloadBuffer into)
    {
        connection.IsAnswering = true;
        var body = new UpstreamBody(connection, trailers: null);
        while (true)
        {
            while (body.TryTake(connection, out var run))
            {
                // Base64 of what a function may answer, and its JSON, stay below.
                if (into.Length + run.Length > LambdaLimits.PayloadBytes)
                    return End(connection, ExchangeOutcome.UpstreamProtocolError);
                into.Append(run.Span);
            }
            if (body.HasFailed) return End(connection, ExchangeOutcome.UpstreamTruncated);
            if (body.HasEnded)
            {
                connection.IsClean = connection.Head.KeepAlive && connection.Held.IsEmpty;
                return End(connection, ExchangeOutcome.Completed);
            }
            if (!await MoreAsync(connection))
            {
                bool isWhole = body.EndsWithConnection && connection.StopReason == ExchangeOutcome.Completed;
                return End(connection, isWhole ? ExchangeOutcome.Completed : ReasonOf(connection));
            }
        }
    }

    /// <summary>Waits for more of the body; false at the end, or when the wait was stopped.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public static async ValueTask<bool> MoreAsync(UpstreamConnection connection)
    {
        connection.ReleaseHeld();
        connection.Arm(connection.ReadTimeoutMs, ExchangeOutcome.UpstreamIdleTimeout);
        var result = await connection.Input.ReadAsync();
        connection.Held = result.Buffer;
        bool isStopped = connection.StopReason != ExchangeOutcome.Completed;
        return !isStopped && !(result.Buffer.IsEmpty && result.IsCompleted);
    }

    /// <summary>Why a body broke off.</summary>
    public static ExchangeOutcome ReasonOf(UpstreamConnection connection) =>
        connection.StopReason == ExchangeOutcome.Completed
            ? ExchangeOutcome.UpstreamTruncated
            : connection.StopReason;

    private static ExchangeOutcome End(UpstreamConnection connection, ExchangeOutcome outcome)
    {
        connection.ReleaseHeld();
        return outcome;
    }
}
