using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Empties the rings into the output, on a thread of its own. It looks 20 times a second, and at once when a ring is
/// half full. Whatever the output does wrong is counted and never reaches a request: a slow one fills the rings, whose
/// lines are then dropped; a failing one loses the lines it did not take, and is tried again with the next.
/// </summary>
internal sealed class AccessLogWriter : IDisposable
{
    private readonly RecordRing[] _rings;
    private readonly ILogOutput _output;
    private readonly ILogger _logger;
    private readonly WriterThread _thread;
    private readonly AccessLogTotals _totals;

    /// <summary>For the one line in hundreds that a ring's end cuts in two: outputs are given whole lines.</summary>
    private readonly byte[] _joined = new byte[RecordingLimits.LineBytes];
    private volatile bool _reopening;

    public AccessLogWriter(RecordRing[] rings, ILogOutput output, AccessLogTotals totals, ILogger logger)
    {
        _rings = rings;
        _output = output;
        _totals = totals;
        _logger = logger;
        _thread = new WriterThread("access-log", RecordingLimits.WriterPoll, WriteAll);
    }

    public void Start() => _thread.Start();

    /// <summary>As <see cref="WriterThread.Wake"/>.</summary>
    public void Wake() => _thread.Wake();

    /// <summary>Opens the output again before the next batch. Any thread.</summary>
    public void Reopen()
    {
        _reopening = true;
        Wake();
    }

    /// <summary>Writes what is in the rings, then closes the output, unless that takes too long.</summary>
    public void Dispose()
    {
        if (!_thread.TryStop()) return;
        _output.Dispose();
        _thread.Dispose();
    }

    private void WriteAll()
    {
        if (_reopening) TryReopen();
        foreach (var ring in _rings)
        {
            int length = ring.Peek(out var first, out var second);
            if (length == 0) continue;
            WriteRuns(first, second);
            ring.Release(length);
        }
    }

    private void WriteRuns(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int whole = first.LastIndexOf((byte)'\n') + 1;
        var rest = first[whole..];
        Write(first[..whole]);
        if (!rest.IsEmpty)
        {
            int end = second.IndexOf((byte)'\n') + 1;
            rest.CopyTo(_joined);
            second[..end].CopyTo(_joined.AsSpan(rest.Length));
            Write(_joined.AsSpan(0, rest.Length + end));
            second = second[end..];
        }
        Write(second);
    }

    private void Write(ReadOnlySpan<byte> lines)
    {
        if (lines.IsEmpty) return;
        int taken = 0;
        LogLoss loss;
        try
        {
            taken = _output.Write(lines, out loss);
        }
        catch (Exception error) when (LogLosses.IsOutputError(error))
        {
            loss = LogLosses.Of(error);
        }
        _totals.Add(taken);
        if (loss == LogLoss.None) return;
        int lost = lines.Count((byte)'\n') - taken;
        _totals.Fail();
        _totals.Lose(loss, lost);
        AccessLogMessages.Lost(_logger, lost, LogLosses.NameOf(loss));
    }

    private void TryReopen()
    {
        _reopening = false;
        try
        {
            _output.Reopen();
        }
        catch (Exception error) when (LogLosses.IsOutputError(error))
        {
            _totals.Fail();
            AccessLogMessages.NotReopened(_logger, error.Message);
        }
    }
}
