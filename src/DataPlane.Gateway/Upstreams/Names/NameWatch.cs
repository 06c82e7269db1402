using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>
/// One name that somebody uses: asked again when its TTL is over, by one task however many use it. A failure keeps what
/// was known and is tried again after the smallest TTL. Any thread.
/// </summary>
public sealed class NameWatch
{
    private readonly NameTable _table;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _telling = new();
    private readonly List<Action<NameAnswer>> _listeners = [];
    private NameAnswer? _answer;
    private long _failures;
    private long _lookUps;
    private long _loggedMs = long.MinValue;

    internal NameWatch(NameTable table, NameQuestion question)
    {
        _table = table;
        Question = question;
    }

    public NameQuestion Question { get; }

    /// <summary>The last answer; null before the first.</summary>
    public NameAnswer? Answer => Volatile.Read(ref _answer);

    /// <summary>Look-ups made, and those of them that failed.</summary>
    public (long All, long Failed) LookUps => (Volatile.Read(ref _lookUps), Volatile.Read(ref _failures));

    /// <summary>Between two look-ups.</summary>
    internal bool IsWaiting { get; private set; }

    /// <summary>Over when the first look-up has ended, whatever it said.</summary>
    internal Task First => _first.Task;

    /// <summary>How many use it; the table's business.</summary>
    internal int Users { get; set; }

    /// <summary>Is told the present answer, if there is one, and every one that differs from the one before.</summary>
    public void Tell(Action<NameAnswer> listener)
    {
        lock (_telling)
        {
            _listeners.Add(listener);
            if (Answer is { } answer) listener(answer);
        }
    }

    public void Forget(Action<NameAnswer> listener)
    {
        lock (_telling) _listeners.Remove(listener);
    }

    internal void Start() => _ = Task.Run(RunAsync);

    internal void Stop() => _stop.Cancel();

    private async Task RunAsync()
    {
        var settings = Question.Settings;
        var resolver = new NameResolver(settings, _table.Hosts, _table.Time);
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var answer = await LookUpAsync(resolver);
                Interlocked.Increment(ref _lookUps);
                if (answer is null) Fail();
                else Take(answer);
                _first.TrySetResult();
                var ttl = answer?.Ttl ?? TimeSpan.Zero;
                if (ttl > settings.MaximumTtl) ttl = settings.MaximumTtl;
                if (ttl < settings.MinimumTtl) ttl = settings.MinimumTtl;
                var wait = Task.Delay(ttl, _table.Time, _stop.Token);
                IsWaiting = true;
                await wait;
                IsWaiting = false;
            }
        }
        catch (OperationCanceledException)
        {
            _first.TrySetResult();
        }
    }

    private async Task<NameAnswer?> LookUpAsync(NameResolver resolver)
    {
        try
        {
            return await resolver.ResolveAsync(Question.Name, Question.IsService, _stop.Token);
        }
        catch (Exception defect) when (defect is not OperationCanceledException)
        {
            // One bad look-up must not end all that would have followed.
            NameLog.Defect(_table.Logger, Question.Name, defect);
            return null;
        }
    }

    private void Take(NameAnswer answer)
    {
        lock (_telling)
        {
            bool isSame = answer.IsSame(_answer);
            Volatile.Write(ref _answer, answer);
            if (isSame) return;
            foreach (var listener in _listeners) listener(answer);
        }
    }

    private void Fail()
    {
        Interlocked.Increment(ref _failures);
        long nowMs = (long)_table.Time.GetElapsedTime(0).TotalMilliseconds;
        if (_loggedMs != long.MinValue && nowMs - _loggedMs < Limits.NameLogMs) return;
        _loggedMs = nowMs;
        NameLog.Failed(_table.Logger, Question.Name, Answer?.Addresses.Length ?? 0);
    }
}
