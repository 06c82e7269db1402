using System.Text;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// The last entries of a function's log, in the words of Lambda's. Function's loop; 0 bytes for the platform's own
/// entries.
/// </summary>
internal sealed class FunctionLog(PlatformLog platform, TimeProvider time)
{
    private readonly FunctionLogEntry[] _entries = new FunctionLogEntry[LambdaLimits.LogEntries];
    private long _first;
    private long _next;
    private long _textBytes;

    /// <summary>The platform's lines are JSON.</summary>
    public bool IsJson => platform.TellsTime;

    private long NowMs => platform.TellsTime ? time.GetUtcNow().ToUnixTimeMilliseconds() : 0;

    public void InitStart() => Add(new FunctionLogEntry(FunctionLogKind.InitStart, NowMs));

    /// <summary>A start that failed.</summary>
    public void InitReport(double initMs, InvocationOutcome outcome, string? errorType) =>
        Add(new FunctionLogEntry(FunctionLogKind.InitReport, NowMs, errorType)
        {
            InitMs = (float)initMs,
            Outcome = outcome,
        });

    public void Start(Guid invocation) =>
        Add(new FunctionLogEntry(FunctionLogKind.Start, NowMs) { Invocation = invocation });

    /// <summary>END and REPORT, which always follow each other.</summary>
    public void Report(Guid invocation, InvocationOutcome outcome, double runMs, double initMs, int memoryMiB) =>
        Add(new FunctionLogEntry(
            FunctionLogKind.Report, NowMs, outcome == InvocationOutcome.Exited ? "Runtime.ExitError" : null)
        {
            Invocation = invocation,
            Outcome = outcome,
            RunMs = (float)runMs,
            InitMs = (float)initMs,
            MemoryMiB = memoryMiB,
        });

    /// <summary>With its line feed; before the report of an invocation, if that is among the last entries.</summary>
    public void Line(string text, Guid before = default)
    {
        _textBytes += text.Length;
        Add(new FunctionLogEntry(FunctionLogKind.Text, Text: text));
        if (before != default) MoveBefore(before);
        while (_textBytes > LambdaLimits.LogBytes && _first < _next - 1) DropFirst();
    }

    /// <summary>Everything kept, the oldest first.</summary>
    public string Read()
    {
        var text = new StringBuilder();
        for (long at = _first; at < _next; at++) Append(text, _entries[at % _entries.Length]);
        return text.ToString();
    }

    /// <summary>
    /// The last <see cref="LambdaLimits.TailBytes"/> of what was logged since the invocation's start.
    /// </summary>
    public byte[] TailOf(Guid invocation)
    {
        long start = _next;
        while (start > _first)
        {
            start--;
            var entry = _entries[start % _entries.Length];
            if (entry.Kind == FunctionLogKind.Start && entry.Invocation == invocation) break;
        }
        var text = new StringBuilder();
        for (long at = start; at < _next; at++)
        {
            var entry = _entries[at % _entries.Length];
            // Lines of others that ran at the same time cannot be told apart; their reports can.
            if (entry.Kind == FunctionLogKind.Text || entry.Invocation == invocation) Append(text, entry);
        }
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        return bytes.Length <= LambdaLimits.TailBytes ? bytes : bytes[^LambdaLimits.TailBytes..];
    }

    /// <summary>Moves the last entry up.</summary>
    private void MoveBefore(Guid invocation)
    {
        long last = Math.Max(_first, _next - LambdaLimits.LateEntries);
        long report = _next - 2;
        while (report >= last && !IsReportOf(invocation, report)) report--;
        if (report < last) return;
        var line = _entries[(_next - 1) % _entries.Length];
        for (long at = _next - 1; at > report; at--)
            _entries[at % _entries.Length] = _entries[(at - 1) % _entries.Length];
        _entries[report % _entries.Length] = line;
    }

    private bool IsReportOf(Guid invocation, long at)
    {
        ref var entry = ref _entries[at % _entries.Length];
        return entry.Kind == FunctionLogKind.Report && entry.Invocation == invocation;
    }

    private void Add(FunctionLogEntry entry)
    {
        if (_next - _first == _entries.Length) DropFirst();
        _entries[_next++ % _entries.Length] = entry;
    }

    private void DropFirst()
    {
        ref var entry = ref _entries[_first++ % _entries.Length];
        if (entry.Kind == FunctionLogKind.Text) _textBytes -= entry.Text!.Length;
        entry = default;
    }

    private void Append(StringBuilder text, in FunctionLogEntry entry)
    {
        if (entry.Kind == FunctionLogKind.Text) text.Append(entry.Text);
        else platform.Append(text, entry);
    }
}
