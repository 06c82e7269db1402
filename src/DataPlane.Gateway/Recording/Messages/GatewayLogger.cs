using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording.Messages;

/// <summary>One category of a <see cref="GatewayLog"/>. Any thread.</summary>
internal sealed class GatewayLogger(GatewayLog log, string category) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => log.Takes(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        log.Add(new Message
        {
            Category = category,
            Level = logLevel,
            Event = eventId,
            Text = formatter(state, exception),
            Values = state as IReadOnlyList<KeyValuePair<string, object?>>,
            Error = exception,
        });
    }
}
