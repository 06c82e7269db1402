using System.Globalization;
using System.Text;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// The last entries of a function's log, in the words of Lambda's. Function's loop; 0 bytes for the platform's own
/// entries.
/// </summary>
internal sealed class FunctionLog(int memoryMiB)
{
    private readonly FunctionLogEntry[] _entries = new FunctionLogEntry[LambdaLimits.LogEntries];
    private long _first;
    private long _next;
    private long _textBytes;

    public void Start(Guid invocation) => Add(new FunctionLogEntry(null, invocation, -1, 0, 0));

    /// <summary>END and REPORT, which always follow each other.</summary>
    public void Report(Guid invocation, double runMs, double initMs, int memory) =>
        Add(new FunctionLogEntry(null, invocation, (float)runMs, (float)initMs, memory));

    /// <summary>With its line feed.</summary>
    public void Line(string text)
    {
        _textBytes += text.Length;
        Add(new FunctionLogEntry(text, default, 0, 0, 0));
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
            if (entry.IsStart && entry.Invocation == invocation) break;
        }
        var text = new StringBuilder();
        for (long at = start; at < _next; at++)
        {
            var entry = _entries[at % _entries.Length];
            // Lines of others that ran at the same time cannot be told apart; their reports can.
            if (entry.Text is not null || entry.Invocation == invocation) Append(text, entry);
        }
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        return bytes.Length <= LambdaLimits.TailBytes ? bytes : bytes[^LambdaLimits.TailBytes..];
    }

    private void Add(FunctionLogEntry entry)
    {
        if (_next - _first == _entries.Length) DropFirst();
        _entries[_next++ % _entries.Length] = entry;
    }

    private void DropFirst()
    {
        ref var entry = ref _entries[_first++ % _entries.Length];
        _textBytes -= entry.Text?.Length ?? 0;
        entry = default;
    }

    private void Append(StringBuilder text, FunctionLogEntry entry)
    {
        if (entry.Text is not null)
        {
            text.Append(entry.Text);
            return;
        }
        if (entry.IsStart)
        {
            text.Append(CultureInfo.InvariantCulture, $"START RequestId: {entry.Invocation} Version: $LATEST\n");
            return;
        }
        int billed = (int)Math.Ceiling(entry.RunMs);
        text.Append(CultureInfo.InvariantCulture, $"END RequestId: {entry.Invocation}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"REPORT RequestId: {entry.Invocation}\tDuration: {entry.RunMs:F2} ms\tBilled Duration: {billed} ms\t");
        text.Append(CultureInfo.InvariantCulture,
            $"Memory Size: {memoryMiB} MB\tMax Memory Used: {entry.MemoryMiB} MB\t");
        if (entry.InitMs > 0) text.Append(CultureInfo.InvariantCulture, $"Init Duration: {entry.InitMs:F2} ms\t");
        text.Append('\n');
    }
}
