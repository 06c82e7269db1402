using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>Keeps what is logged, as a warning or worse unless told otherwise: in these tests nothing may be.</summary>
internal sealed class LogTrap(LogLevel least = LogLevel.Warning) : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public IReadOnlyCollection<string> Take()
    {
        var taken = new List<string>();
        while (_lines.TryDequeue(out string? line)) taken.Add(line);
        return taken;
    }

    public ILogger CreateLogger(string categoryName) => new Trap(_lines, categoryName, least);

    public void Dispose()
    {
    }

    private sealed class Trap(ConcurrentQueue<string> lines, string category, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) lines.Enqueue($"{category}: {formatter(state, exception)} {exception}");
        }
    }
}
