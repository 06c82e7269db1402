using System.Collections.Concurrent;
using DataPlane.Config;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording.Messages;

/// <summary>
/// What the gateway says about itself: every logger of the process ends here. A message that repeats itself is written
/// a few times an interval and then counted; nobody waits for the stream it goes to. Any thread.
/// </summary>
public sealed class GatewayLog : ILoggerProvider, IMetricSource
{
    private readonly ConcurrentDictionary<(string Category, int Event), MessageBudget> _budgets = new();
    private readonly MessageWriter _writer;
    private readonly TimeProvider _time;
    private volatile LogLevel _level;
    private volatile bool _isJson;
    private readonly string? _unsuppressed;

    /// <summary>Messages of the category <paramref name="unsuppressed"/> are written however often they come.</summary>
    public GatewayLog(LogConfig config, TimeProvider time, Stream stream, string? unsuppressed = null)
    {
        _time = time;
        _unsuppressed = unsuppressed;
        Follow(config);
        _writer = new MessageWriter(stream, WriteSummaries);
    }

    public ILogger CreateLogger(string categoryName) => new GatewayLogger(this, categoryName);

    /// <summary>From now on as this configuration has it. Any thread.</summary>
    public void Follow(LogConfig config)
    {
        _level = LevelOf(config.Level);
        _isJson = config.Format == LogConsoleFormat.Json;
    }

    /// <summary>
    /// Of the framework's own loggers only what went wrong is of interest, and of Kestrel's only what went wrong with
    /// us: it warns of what clients can bring about at will, such as an index of 0 in HPACK or a Content-Length of 30
    /// digits, each of which is an exception in there and the end of the connection. These filters are fixed; the
    /// level, which can change, is looked at with each message.
    /// </summary>
    public void AddTo(ILoggingBuilder builder) => builder
        .AddProvider(this)
        .SetMinimumLevel(LogLevel.Debug)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_log_messages"u8, MetricKind.Counter, "Messages of the gateway itself written."u8);
        text.Sample(_writer.Written);
        text.Family("dataplane_log_suppressed_messages"u8, MetricKind.Counter,
            "Messages left out because they repeated themselves or nobody took them."u8);
        text.Sample(_budgets.Values.Sum(budget => budget.TotalSuppressed) + _writer.Dropped);
    }

    /// <summary>Writes what is still to be written, for a bounded time.</summary>
    public void Dispose() => _writer.Dispose();

    internal bool Takes(LogLevel level) => level >= _level && level != LogLevel.None;

    internal void Add(in Message message)
    {
        if (message.Category == _unsuppressed)
        {
            Put(message, suppressed: 0);
            return;
        }
        var budget = _budgets.GetOrAdd(
            (message.Category, message.Event.Id), static key => new MessageBudget(key.Category, key.Event));
        if (budget.TryTake(_time.GetUtcNow().Ticks, out long suppressed)) Put(message, suppressed);
    }

    /// <summary>On the writer's thread, now and then: of messages that have stopped, too, one hears how many.</summary>
    private void WriteSummaries()
    {
        long now = _time.GetUtcNow().Ticks;
        foreach (var budget in _budgets.Values)
        {
            long suppressed = budget.TakeSuppressed(now);
            if (suppressed == 0) continue;
            Put(
                new Message
                {
                    Category = budget.Category,
                    Level = LogLevel.Information,
                    Event = new EventId(budget.Event),
                    Text = "The last message of this kind came again.",
                },
                suppressed);
        }
    }

    private void Put(in Message message, long suppressed)
    {
        var now = _time.GetUtcNow();
        _writer.Put(_isJson ? MessageLine.Json(message, suppressed, now) : MessageLine.Text(message, suppressed, now));
    }

    private static LogLevel LevelOf(LogSeverity severity) => severity switch
    {
        LogSeverity.Debug => LogLevel.Debug,
        LogSeverity.Info => LogLevel.Information,
        LogSeverity.Warning => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
