using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;
using DataPlane.Lambda.Hosting.Processes;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// One execution environment: a process, the connections over which it speaks the Runtime API, and the invocation it
/// has. Everything on the function's loop, except where it says otherwise.
/// </summary>
internal sealed class FunctionEnvironment : IProcessOwner, ILoopTimerTarget
{
    private static readonly SendOrPostCallback s_exited = static state => ((FunctionEnvironment)state!).OnExited();

    private readonly FunctionPool _pool;
    private readonly LoopTimer _deadline;
    private readonly List<RuntimeConnection> _connections = [];
    private readonly OutputLines _output;
    private readonly Socket? _listener;
    private readonly byte[] _answeredId = new byte[Invocation.IdBytes];
    private ChildProcess? _process;
    private Guid _lastInvocation;
    private RuntimeConnection? _asking;
    private ProcessEnd _end;
    private long _residentBytes;
    private long _processorMs;
    private long _processorTakenMs;
    private volatile bool _isOverMemory;
    private bool _isInitReported;

    /// <summary>The process is gone; what it sent before may still be on its way.</summary>
    private bool _hasExited;

    public FunctionEnvironment(FunctionPool pool, Socket? listener, string logStream)
    {
        _pool = pool;
        _listener = listener;
        LogStream = logStream;
        _deadline = new LoopTimer(this);
        _output = new OutputLines(this);
        StartTimestamp = Loop.Time.GetTimestamp();
    }

    public EventLoop Loop => _pool.Loop;

    public HostedFunction Function => _pool.Function;

    public EnvironmentState State { get; private set; }

    /// <summary>Which code it was started from; the pool's number when it is the newest.</summary>
    public int CodeVersion { get; init; }

    /// <summary>It starts beside others that run: it leaves the processors to them.</summary>
    public bool GivesWay { get; set; }

    /// <summary>Names its part of the log, and marks its processes.</summary>
    public string LogStream { get; }

    public long StartTimestamp { get; }

    /// <summary>Loop time since when it has nothing to do.</summary>
    public long IdleSinceMs { get; private set; }

    public long StartedMs { get; init; }

    public int Invocations { get; private set; }

    /// <summary>The event it works on; null before the first and after the answer.</summary>
    public Invocation? Current { get; private set; }

    /// <summary>Ticks from its start to its first question; 0 before.</summary>
    public long InitTicks { get; private set; }

    public int MaxMemoryMiB => (int)(Interlocked.Read(ref _residentBytes) >> 20);

    /// <summary>Milliseconds since its start.</summary>
    public double RunningSinceStartMs => Loop.Time.GetElapsedTime(StartTimestamp).TotalMilliseconds;

    /// <summary>How long the invocation under way has been running; 0 without one.</summary>
    public double RunningMs =>
        Current is { } current ? Loop.Time.GetElapsedTime(current.StartTimestamp).TotalMilliseconds : 0;

    /// <summary>Milliseconds of processors that its invocations have used since the last call.</summary>
    public long TakeProcessorMs()
    {
        long all = Interlocked.Read(ref _processorMs);
        long since = all - _processorTakenMs;
        _processorTakenMs = all;
        // What its start took is no invocation's, and is read a while later.
        double initMs = Loop.Time.GetElapsedTime(0, InitTicks).TotalMilliseconds;
        bool hasJustStarted = InitTicks == 0 || RunningSinceStartMs < initMs + LambdaLimits.UsePeriodMs;
        return hasJustStarted ? 0 : since;
    }

    /// <summary>Starts the process, when <paramref name="before"/> has ended.</summary>
    public void Begin(Func<ProcessOrder> order, Socket? kept, Task? before = null)
    {
        Function.Log.InitStart();
        Loop.Timers.Set(_deadline, Loop.NowMs + (long)Function.Config.InitTimeout.TotalMilliseconds);
        if (kept is not null) Serve(kept);
        if (_listener is not null) _ = AcceptAsync(_listener);
        _process = Function.Host.Keeper.Start(order, this, before);
    }

    /// <summary>Its start need not give way to others any more.</summary>
    public void Hasten()
    {
        if (!GivesWay) return;
        GivesWay = false;
        Function.Host.Keeper.Hasten(_process!);
    }

    /// <summary>What it wrote may come later than its answer, and belongs before that in the log.</summary>
    public void TakeLine(string line) => Function.Log.Line(line, Current is null ? _lastInvocation : default);

    /// <summary>Hands an invocation to an idle environment.</summary>
    public void Run(Invocation invocation)
    {
        State = EnvironmentState.Busy;
        Current = invocation;
        Invocations++;
        invocation.StartTimestamp = Loop.Time.GetTimestamp();
        Function.Log.Start(invocation.Uuid);
        int timeoutMs = Function.TimeoutMs;
        Loop.Timers.Set(_deadline, Loop.NowMs + timeoutMs);
        long deadline = Loop.Time.GetUtcNow().ToUnixTimeMilliseconds() + timeoutMs;
        var connection = _asking!;
        _asking = null;
        connection.SendEvent(invocation, deadline);
    }

    /// <summary>The process asks for an event: it is free, and ready when it was not before.</summary>
    public bool TryAsk(RuntimeConnection connection)
    {
        if (State == EnvironmentState.Ended || _hasExited) return false;
        // A second question while one is open takes its place, as when a client connects anew.
        if (_asking is not null && !ReferenceEquals(_asking, connection)) _asking.Drop();
        _asking = connection;
        // An answer must come first: the runtime gave the event up, which only its timeout can mend.
        if (Current is not null || State == EnvironmentState.Idle) return true;
        TimerWheel.Pause(_deadline);
        if (State == EnvironmentState.Starting)
        {
            InitTicks = Math.Max(1, Loop.Time.GetTimestamp() - StartTimestamp);
            Hasten();
            _pool.OnStarted(this);
        }
        State = EnvironmentState.Idle;
        IdleSinceMs = Loop.NowMs;
        _pool.OnFree(this);
        return true;
    }

    /// <summary>An answer to the event with this id comes. False: there is no such event, or not any more.</summary>
    public bool TryAnswer(ReadOnlySpan<byte> id, out Invocation invocation)
    {
        invocation = Current!;
        return Current is not null && id.SequenceEqual(Current.Id);
    }

    /// <summary>The event with this id was the last one, and has its answer.</summary>
    public bool HasAnswered(ReadOnlySpan<byte> id) => Current is null && id.SequenceEqual(_answeredId);

    /// <summary>The answer is whole, in the invocation's buffer; or refused, and said so there.</summary>
    public void OnAnswered(InvocationStatus status)
    {
        var invocation = Current!;
        Current = null;
        double runMs = RunMs(invocation);
        if (invocation.WantsTail && _process is not null)
        {
            // Its report follows what it wrote, which may still be in the pipe.
            Function.Host.Keeper.AfterOutput(
                _process, () => Loop.Post(_ => EndWithTail(invocation, status, runMs), state: null));
            return;
        }
        Report(invocation, OutcomeOf(status), runMs);
        invocation.Done(status);
    }

    /// <summary>The answer comes in pieces; the caller of <see cref="OnStreamed"/> passes them on.</summary>
    public AnswerStream BeginStream(string contentType) => Current!.BeginStream(contentType);

    public void OnStreamed(bool failed)
    {
        var invocation = Current!;
        Current = null;
        Report(invocation, failed ? InvocationOutcome.Failed : InvocationOutcome.Success, RunMs(invocation));
    }

    /// <summary>The code could not be loaded; <paramref name="error"/> is the runtime's JSON.</summary>
    public void OnInitError(ReadOnlySpan<byte> error)
    {
        if (State != EnvironmentState.Starting) return;
        _isInitReported = true;
        _pool.OnStartFailed(this, error);
        End();
    }

    public void OnConnectionGone(RuntimeConnection connection)
    {
        _connections.Remove(connection);
        if (_hasExited && _connections.Count == 0) EndExited();
        if (!ReferenceEquals(_asking, connection)) return;
        _asking = null;
        // A client that opens a connection per question asks again; until then nothing can be sent.
        if (State == EnvironmentState.Idle) _pool.OnUnreachable(this);
        if (State == EnvironmentState.Idle) State = EnvironmentState.Busy;
    }

    /// <summary>Takes it out of use: the process and all it started are killed.</summary>
    public void End()
    {
        if (State == EnvironmentState.Ended) return;
        State = EnvironmentState.Ended;
        Loop.Timers.Cancel(_deadline);
        _listener?.Dispose();
        if (_process is not null) Function.Host.Keeper.Kill(_process);
        while (_connections.Count > 0)
        {
            var connection = _connections[^1];
            _connections.RemoveAt(_connections.Count - 1);
            connection.Drop();
        }
        _asking = null;
        _pool.OnEnded(this);
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        if (_hasExited)
        {
            EndExited();
            return;
        }
        double seconds = State == EnvironmentState.Starting
            ? Function.Config.InitTimeout.TotalSeconds
            : Function.Config.Timeout.TotalSeconds;
        string message = string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"Task timed out after {seconds:F2} seconds");
        const string Type = "Sandbox.Timedout";
        if (State == EnvironmentState.Starting)
            _pool.OnStartFailed(this, InvocationOutcome.TimedOut, Type, message);
        else if (Current is not null) FailCurrent(InvocationOutcome.TimedOut, Type, message);
        End();
    }

    void IProcessOwner.OnOutput(ReadOnlySpan<byte> bytes) => _output.Take(bytes);

    void IProcessOwner.OnUse(long residentBytes, long processorMs)
    {
        Interlocked.Exchange(ref _processorMs, processorMs);
        NoteMemory(residentBytes);
        if (residentBytes <= Function.Config.Memory || _isOverMemory) return;
        _isOverMemory = true;
        if (_process is not null) Function.Host.Keeper.Kill(_process);
    }

    void IProcessOwner.OnExited(ProcessEnd end)
    {
        _end = end;
        _output.Flush();
        Loop.Post(s_exited, this);
    }

    private void OnExited()
    {
        if (State == EnvironmentState.Ended) return;
        _hasExited = true;
        // Its last words, an error or an answer, count: its connections end by themselves now.
        if (_connections.Count > 0) Loop.Timers.Set(_deadline, Loop.NowMs + LambdaLimits.LastWordsMs);
        else EndExited();
    }

    private void EndExited()
    {
        if (State == EnvironmentState.Ended) return;
        string message = $"Runtime exited {_end.Reason}";
        if (State == EnvironmentState.Starting && !_isInitReported)
            _pool.OnStartFailed(this, InvocationOutcome.Exited, "Runtime.ExitError", message);
        else if (Current is not null) FailCurrent(InvocationOutcome.Exited, "Runtime.ExitError", message);
        End();
    }

    private void FailCurrent(InvocationOutcome outcome, string type, string message)
    {
        var invocation = Current!;
        Current = null;
        if (outcome == InvocationOutcome.TimedOut) Function.Counters.Timeouts++;
        if (!Function.Log.IsJson)
            Function.Log.Line($"{Loop.Time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {invocation.Uuid} {message}\n");
        Report(invocation, outcome, RunMs(invocation));
        if (invocation.Status == InvocationStatus.Streaming)
        {
            invocation.Stream!.Complete(message);
            return;
        }
        string text = $"RequestId: {invocation.Uuid} Error: {message}";
        if (invocation.WantsTail) invocation.Tail = Function.Log.TailOf(invocation.Uuid);
        invocation.Fail(type, text);
    }

    private static InvocationOutcome OutcomeOf(InvocationStatus status) =>
        status == InvocationStatus.FunctionError ? InvocationOutcome.Failed : InvocationOutcome.Success;

    private void EndWithTail(Invocation invocation, InvocationStatus status, double runMs)
    {
        Report(invocation, OutcomeOf(status), runMs);
        invocation.Tail = Function.Log.TailOf(invocation.Uuid);
        invocation.Done(status);
    }

    private double RunMs(Invocation invocation)
    {
        invocation.Id.CopyTo(_answeredId);
        _lastInvocation = invocation.Uuid;
        return Loop.Time.GetElapsedTime(invocation.StartTimestamp).TotalMilliseconds;
    }

    private void Report(Invocation invocation, InvocationOutcome outcome, double runMs)
    {
        double initMs = Invocations == 1 ? Loop.Time.GetElapsedTime(0, InitTicks).TotalMilliseconds : 0;
        if (Invocations == 1) LookAtMemory();
        Function.Log.Report(invocation.Uuid, outcome, runMs, initMs, MaxMemoryMiB);
        if (outcome != InvocationOutcome.Success) Function.Counters.Errors++;
        _pool.OnInvoked(runMs, isFirst: Invocations == 1);
    }

    /// <summary>The first report does not wait for the keeper, which has set the path: the process runs.</summary>
    private void LookAtMemory()
    {
        if (_process is { MemoryPath.Length: > 0 } process) NoteMemory(ResidentMemory.Read(process.MemoryPath));
    }

    /// <summary>Two threads may do so at once: then the smaller one may stay until the next look.</summary>
    private void NoteMemory(long residentBytes)
    {
        if (residentBytes > Interlocked.Read(ref _residentBytes))
            Interlocked.Exchange(ref _residentBytes, residentBytes);
    }

    private void Serve(Socket socket)
    {
        if (State == EnvironmentState.Ended)
        {
            socket.Dispose();
            return;
        }
        if (_connections.Count >= LambdaLimits.RuntimeConnections)
        {
            // Most likely its client has left already, and nobody has noticed: the newest one must get in.
            var oldest = _connections[ReferenceEquals(_connections[0], _asking) ? 1 : 0];
            _connections.Remove(oldest);
            oldest.Drop();
        }
        if (SocketAdoption.TryAdopt(socket, Loop) is not { } transport) return;
        var connection = new RuntimeConnection(this, transport);
        _connections.Add(connection);
        connection.Begin();
    }

    /// <summary>On the thread pool: a client of the Runtime API connects once, or once per question.</summary>
    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync().ConfigureAwait(false);
                socket.NoDelay = true;
                Loop.Post(_ => Serve(socket), state: null);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The environment has ended.
        }
    }
}
