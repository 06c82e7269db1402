using System.Collections.Concurrent;
using DataPlane.Config;
using DataPlane.Gateway.Compilation.Reloading;
using DataPlane.Gateway.Loops;
using DataPlane.Lambda.Hosting;
using Microsoft.Data.Sqlite;

namespace DataPlane.Lambda.Queue;

/// <summary>
/// Events that were answered 202 before they ran. One thread writes them to a file, many in one commit, and tells their
/// senders once it is on disk; then it has them run when they are due, as many at once as the function has
/// environments. What was not finished when a process ended runs in the next one: at least once. Any thread.
/// </summary>
public sealed class EventQueue : IProcessSettings, IDisposable
{
    private readonly ConcurrentQueue<Invocation> _arrivals = new();
    private readonly ConcurrentQueue<QueueRun> _ended = new();
    private readonly ConcurrentQueue<Action> _asked = new();
    private readonly ConcurrentDictionary<string, QueueCounters> _counters = new(StringComparer.Ordinal);
    private readonly Dictionary<(QueueKind, string), QueueBacklog> _backlogs = [];
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly DestinationSender _sender;
    private readonly QueueFile _file;
    private readonly FunctionHost _host;
    private readonly EventLoop _loop;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _start = new();
    private volatile QueueTargets? _targets;
    private TaskCompletionSource? _drained;
    private Thread? _thread;
    private volatile bool _isStopping;
    private volatile bool _isDraining;
    private int _running;
    private long _entries;
    private long _bytes;

    // Committed by this process while another one ran the queue: counted already when it takes over.
    private (int Entries, long Bytes) _lent;

    internal EventQueue(FunctionHost host, EventLoop loop)
    {
        _host = host;
        _loop = loop;
        var time = _time = loop.Time;
        _file = new QueueFile(host, time);
        _sender = new DestinationSender(host.Clients, host.Caller);
        _timer = time.CreateTimer(_ => _wake.Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is in the file and in memory on its way there, with all functions.</summary>
    public long Entries => Interlocked.Read(ref _entries);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Counts of a function; zeros when it never had an event.</summary>
    public QueueCounters CountersOf(string function) => _counters.GetOrAdd(function, static _ => new QueueCounters());

    /// <summary>
    /// Takes the event over. The invocation's wait ends with <see cref="InvocationStatus.Queued"/> once the event is on
    /// disk, or with why it is not there.
    /// </summary>
    public void Add(HostedFunction function, Invocation invocation)
    {
        invocation.Function = function;
        int length = invocation.Event.Length;
        var limits = _targets?.Queue;
        if (limits is null || _isStopping)
        {
            invocation.Done(InvocationStatus.QueueFailed);
            return;
        }
        // Those that come at once may together be a few too many.
        if (Entries >= limits.Entries || Bytes + length > limits.Bytes)
        {
            CountersOf(function.Name).Refuse();
            invocation.Done(InvocationStatus.QueueFull);
            return;
        }
        Interlocked.Increment(ref _entries);
        Interlocked.Add(ref _bytes, length);
        _arrivals.Enqueue(invocation);
        Begin();
    }

    /// <summary>The file cannot change once it is open: events wait in it. The bounds follow.</summary>
    public IPreparedSettings? Prepare(GatewayConfig config, ConfigPlaces places, ConfigErrors errors)
    {
        if (_file.OpenPath is { } path && path != config.Queue.Path) places.RefuseChange("queue.path", errors);
        return null;
    }

    /// <summary>A configuration comes into force. <paramref name="isWanted"/>: it has routes that queue.</summary>
    internal void Follow(QueueTargets targets, bool isWanted)
    {
        _targets = targets;
        // Events of an earlier process wait in the file. The loop's first turn is the start of the gateway.
        if (isWanted || _thread is not null || File.Exists(targets.Queue.Path)) _loop.Post(_ => Begin(), state: null);
    }

    /// <summary>The events of a function that wait, the next ones first, a hundred at most.</summary>
    public Task<QueueView> ViewAsync(string function)
    {
        var answer = new TaskCompletionSource<QueueView>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_thread is null) return Task.FromResult(View(function));
        _asked.Enqueue(() => answer.SetResult(View(function)));
        _wake.Set();
        return answer.Task.WaitAsync(LambdaLimits.QueueAnswer, _time);
    }

    /// <summary>Starts nothing any more, and waits for what runs. What it leaves runs in the next process.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        if (_thread is null) return;
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue(() =>
        {
            _isDraining = true;
            _drained = drained;
        });
        _wake.Set();
        await Task.WhenAny(drained.Task, Task.Delay(limit, _time));
    }

    public void Dispose()
    {
        lock (_start)
        {
            if (_isStopping) return;
            _isStopping = true;
        }
        _wake.Set();
        _thread?.Join(TimeSpan.FromSeconds(5));
        _timer.Dispose();
        _file.Dispose();
        while (_arrivals.TryDequeue(out var late)) late.Done(InvocationStatus.QueueFailed);
    }

    private void Begin()
    {
        if (_thread is null)
        {
            lock (_start)
            {
                if (_thread is null && !_isStopping)
                {
                    _thread = new Thread(Run) { IsBackground = true, Name = "queue" };
                    _thread.Start();
                }
            }
        }
        _wake.Set();
    }

    private void Run()
    {
        while (!_isStopping)
        {
            Turn();
            if (_drained is { } drained && _running == 0 && _ended.IsEmpty) drained.TrySetResult();
            if (_arrivals.IsEmpty && _ended.IsEmpty && _asked.IsEmpty) _wake.WaitOne();
        }
    }

    private void Turn()
    {
        while (_asked.TryDequeue(out var asked)) asked();
        if (_targets is not { } targets) return;
        if (!_file.TryOpen(targets.Queue.Path))
        {
            while (_arrivals.TryDequeue(out var refused)) Refuse(refused);
            Sleep(_file.RetryMs);
            return;
        }
        if (_file.TryOwn() is { } found) Resume(found);
        try
        {
            if (!_arrivals.IsEmpty || !_ended.IsEmpty) Commit(_file.Store!, targets);
            Sleep(_file.IsOwned ? Dispatch(_file.Store!, targets) : LambdaLimits.OwnershipMs);
        }
        catch (SqliteException failure)
        {
            _file.Fail(failure.Message);
            Sleep(_file.RetryMs);
        }
        catch (Exception defect)
        {
            // The thread goes on: its end would end the gateway.
            _file.Fail(defect.ToString());
            Sleep(_file.RetryMs);
        }
    }

    private void Sleep(long ms)
    {
        if (_isStopping) return;
        var due = ms == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(1, ms));
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void Refuse(Invocation invocation)
    {
        Interlocked.Decrement(ref _entries);
        Interlocked.Add(ref _bytes, -invocation.Event.Length);
        invocation.Done(InvocationStatus.QueueFailed);
    }

    private void Resume(List<QueueEntry> found)
    {
        foreach (var entry in found) BacklogOf(entry.Kind, entry.Target).Add(entry);
        Interlocked.Add(ref _entries, found.Count - _lent.Entries);
        Interlocked.Add(ref _bytes, found.Sum(each => (long)each.Bytes) - _lent.Bytes);
        _lent = default;
        if (found.Count > 0) QueueMessages.Resumed(_host.Logger, _file.Path, found.Count);
    }

    /// <summary>Everything that has come since the last one, up to a bound, in one transaction.</summary>
    private void Commit(QueueStore store, QueueTargets targets)
    {
        var arrived = new List<(Invocation Invocation, QueueEntry Entry)>();
        var settled = new List<(QueueRun Run, QueueVerdict Verdict, bool IsDropped)>();
        var settlement = new QueueSettlement(store, targets, _host.Identity, _time);
        bool isForSenders = !_arrivals.IsEmpty;
        Invocation? underWay = null;
        QueueRun? ending = null;
        try
        {
            store.Begin(isForSenders);
            for (int left = LambdaLimits.QueueBatch; left > 0 && _ended.TryDequeue(out ending); left--)
            {
                var (verdict, isDropped) = settlement.Settle(ending);
                settled.Add((ending, verdict, isDropped));
                ending = null;
            }
            // Those that come from now on wait for the next commit, which waits for the disk.
            int most = isForSenders ? LambdaLimits.QueueBatch : 0;
            for (int left = most; left > 0 && _arrivals.TryDequeue(out underWay); left--)
            {
                arrived.Add((underWay, Insert(store, underWay)));
                underWay = null;
            }
            store.Commit();
        }
        catch (SqliteException)
        {
            store.Rollback();
            // What has run is settled later; who sends an event hears that it was not taken.
            if (ending is not null) _ended.Enqueue(ending);
            foreach (var each in settled) _ended.Enqueue(each.Run);
            if (underWay is not null) Refuse(underWay);
            foreach (var each in arrived) Refuse(each.Invocation);
            throw;
        }
        foreach (var each in settled) Settled(each.Run.Entry, each.Verdict, each.IsDropped);
        foreach (var made in settlement.Made) Keep(made);
        foreach (var (invocation, entry) in arrived)
        {
            // An owner that comes later reads them from the file.
            if (_file.IsOwned) BacklogOf(entry.Kind, entry.Target).Add(entry);
            else _lent = (_lent.Entries + 1, _lent.Bytes + entry.Bytes);
            invocation.Done(InvocationStatus.Queued);
        }
    }

    private QueueEntry Insert(QueueStore store, Invocation invocation)
    {
        long nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var content = new QueueContent(invocation.Event.Span.ToArray())
        {
            Trace = System.Text.Encoding.ASCII.GetString(invocation.Trace),
            ClientContext = invocation.ClientContext,
            IsQualified = invocation.IsQualified,
        };
        return store.Insert(QueueKind.Event, invocation.Function.Name, invocation.Uuid, nowMs, content);
    }

    private void Keep(QueueEntry made)
    {
        Interlocked.Increment(ref _entries);
        Interlocked.Add(ref _bytes, made.Bytes);
        BacklogOf(made.Kind, made.Target).Add(made);
    }

    private void Settled(QueueEntry entry, QueueVerdict verdict, bool isDropped)
    {
        _running--;
        var backlog = BacklogOf(entry.Kind, entry.Target);
        if (!verdict.IsEnd)
        {
            backlog.Return(entry, verdict);
            return;
        }
        backlog.Remove(entry);
        Interlocked.Decrement(ref _entries);
        Interlocked.Add(ref _bytes, -entry.Bytes);
        if (isDropped)
        {
            backlog.Counters.Dropped++;
            QueueMessages.Dropped(_host.Logger, entry.RequestId, entry.Target, verdict.Attempts, verdict.Condition!);
        }
        else if (entry.Kind != QueueKind.Event)
        {
            backlog.Counters.Delivered++;
        }
    }

    /// <summary>Has run what is due and may run; the milliseconds until there is more to do.</summary>
    private long Dispatch(QueueStore store, QueueTargets targets)
    {
        if (_isDraining) return long.MaxValue;
        long nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        long next = long.MaxValue;
        foreach (var backlog in _backlogs.Values)
        {
            int most = MostAtOnce(backlog, targets);
            while (backlog.Running < most && backlog.Take(nowMs) is { } entry)
            {
                _running++;
                Start(store, targets, entry, nowMs);
            }
            // With all of them under way the end of one is what comes next.
            if (backlog.Running < most && backlog.NextDueMs is { } due) next = Math.Min(next, due - nowMs);
        }
        return next;
    }

    private static int MostAtOnce(QueueBacklog backlog, QueueTargets targets)
    {
        if (backlog.Kind is QueueKind.Post or QueueKind.Call) return LambdaLimits.PostsAtOnce;
        if (backlog.Kind == QueueKind.Line) return 1;
        // An event of a function that is gone is looked at once in a while, until it is too old.
        if (!targets.Functions.TryGetValue(backlog.Target, out var function)) return 1;
        var concurrency = function.Config.Concurrency;
        return Math.Max(1, Math.Min(concurrency.Maximum, concurrency.Reserved ?? int.MaxValue));
    }

    private void Start(QueueStore store, QueueTargets targets, QueueEntry entry, long nowMs)
    {
        if (!TryRead(store, entry, out var content)) return;
        if (content is null)
        {
            _ended.Enqueue(new QueueRun(entry, InvocationStatus.Answered, []));
        }
        else if (entry.Kind != QueueKind.Event)
        {
            _ = DeliverAsync(entry, content);
        }
        else if (QueuePolicy.IsTooOld(entry, targets.RulesOf(entry.Target).MaximumAge, nowMs))
        {
            _ended.Enqueue(new QueueRun(entry, InvocationStatus.Abandoned, []));
        }
        else if (targets.Functions.TryGetValue(entry.Target, out var function))
        {
            _ = InvokeAsync(function, entry, content);
        }
        else
        {
            _ended.Enqueue(new QueueRun(entry, InvocationStatus.QueueFull, []));
        }
    }

    /// <summary>False: the file cannot be read now, and the entry has been put back.</summary>
    private bool TryRead(QueueStore store, QueueEntry entry, out QueueContent? content)
    {
        content = null;
        try
        {
            content = store.Read(entry.Id);
            return true;
        }
        catch (SqliteException failure)
        {
            _file.Fail(failure.Message);
            _ended.Enqueue(new QueueRun(entry, InvocationStatus.QueueFailed, []));
            return false;
        }
    }

    private async Task InvokeAsync(HostedFunction function, QueueEntry entry, QueueContent content)
    {
        var invocation = new Invocation(caller: null)
        {
            ClientContext = content.ClientContext,
            IsQualified = content.IsQualified,
        };
        invocation.Identify(entry.RequestId);
        invocation.SetTrace(System.Text.Encoding.ASCII.GetBytes(content.Trace));
        invocation.Event.Append(content.Payload);
        function.Submit(invocation);
        await invocation.WaitAsync();
        var status = invocation.Status;
        if (invocation.Stream is { } stream)
        {
            invocation.Answer.Clear();
            bool isWhole = await stream.GatherAsync(invocation.Answer);
            status = isWhole ? InvocationStatus.Answered : InvocationStatus.FunctionError;
        }
        byte[] answer = invocation.Answer.Span.ToArray();
        invocation.Event.Clear();
        invocation.Answer.Clear();
        End(new QueueRun(entry, status, answer));
    }

    private async Task DeliverAsync(QueueEntry entry, QueueContent content)
    {
        string? problem = await _sender.SendAsync(entry, content);
        if (problem is not null && entry.Throttles == 0)
            QueueMessages.NotTaken(_host.Logger, entry.Target, entry.RequestId, problem);
        End(new QueueRun(entry, problem is null ? InvocationStatus.Answered : InvocationStatus.QueueFull, []));
    }

    // What ends because the gateway does is no failure: it runs again in the next process.
    private void End(QueueRun run)
    {
        if (_isStopping) return;
        _ended.Enqueue(run);
        _wake.Set();
    }

    private QueueBacklog BacklogOf(QueueKind kind, string target)
    {
        if (_backlogs.TryGetValue((kind, target), out var known)) return known;
        var counters = kind == QueueKind.Event ? CountersOf(target) : new QueueCounters();
        var backlog = new QueueBacklog(kind, target, counters);
        _backlogs.Add((kind, target), backlog);
        return backlog;
    }

    private QueueView View(string function)
    {
        var counters = CountersOf(function);
        long nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        IEnumerable<QueueEntry> waiting =
            _backlogs.TryGetValue((QueueKind.Event, function), out var backlog) ? backlog.Waiting : [];
        return new QueueView(
            function, (int)counters.Entries, (int)counters.Running, counters.Bytes,
            counters.OldestMs == 0 ? 0 : Math.Max(0, nowMs - counters.OldestMs) / 1000.0, counters.Retries,
            counters.Dropped,
            [
                .. waiting.OrderBy(each => each.DueMs).ThenBy(each => each.Id).Take(LambdaLimits.ShownEntries).Select(
                    each => new QueueEntryView(
                        each.RequestId, DateTimeOffset.FromUnixTimeMilliseconds(each.QueuedMs),
                        DateTimeOffset.FromUnixTimeMilliseconds(each.DueMs), each.Attempts, each.Bytes)),
            ]);
    }
}
