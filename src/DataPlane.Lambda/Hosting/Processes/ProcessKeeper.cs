using System.Collections.Concurrent;
using System.Text;
using DataPlane.Gateway.Transport.Native;
using DataPlane.Lambda.Hosting.Isolation;
using DataPlane.Lambda.Native;

namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>
/// Starts, watches, ends and reaps the processes of functions, all on one thread of its own that lives as long as the
/// gateway: no loop ever waits for a fork, and the kernel ends the processes when that thread dies, however it does.
/// </summary>
internal sealed unsafe class ProcessKeeper(IsolationMeans means) : IDisposable
{
    private const int ReadBytes = 64 * 1024;
    private const int UsePeriodMs = 200;

    /// <summary>How often orphans are looked for: each look reads some small files of the kernel's.</summary>
    private const int OrphanPeriodMs = 2000;

    /// <summary>Reads of one process's output before the others have their turn.</summary>
    private const int DrainReads = 16;

    private readonly ConcurrentQueue<Action> _asked = new();
    private readonly List<ChildProcess> _children = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(ReadBytes, pinned: true);
    private readonly string? _guard = File.Exists("/usr/bin/setpriv") ? "/usr/bin/setpriv" : null;
    private readonly Lock _start = new();
    private readonly OrphanSweep _orphans = new();
    private readonly List<ControlGroup> _groupsLeft = [];
    private PollDescriptor[] _polled = GC.AllocateArray<PollDescriptor>(64, pinned: true);
    private Thread? _thread;
    private int _wake = -1;
    private long _useReadMs;
    private long _orphansSweptMs;
    private volatile bool _isStopping;

    /// <summary>Processes that have not been reaped.</summary>
    public int Count => Volatile.Read(ref _count);

    private int _count;

    /// <summary>Sampled while there are processes.</summary>
    public MachineLoad Machine { get; } = new();

    /// <summary>
    /// Does something before the first process is asked for, which then starts sooner. Any thread; its failure is that
    /// of the start.
    /// </summary>
    public void Prepare(Action work) => Ask(work);

    /// <summary>
    /// Starts a process in its turn, after <paramref name="before"/> has ended; its owner hears of the end of one that
    /// never began, too.
    /// </summary>
    public ChildProcess Start(Func<ProcessOrder> order, IProcessOwner owner, Task? before = null)
    {
        var child = new ChildProcess(owner);
        Interlocked.Increment(ref _count);
        if (before is null) Ask(() => Begin(child, order()));
        else before.ContinueWith(_ => Ask(() => Begin(child, order())), TaskScheduler.Default);
        return child;
    }

    /// <summary>Ends a process and everything it started. Any thread; harmless when it has ended.</summary>
    public void Kill(ChildProcess child) => Ask(() =>
    {
        child.IsKilled = true;
        if (child.PidDescriptor >= 0) LibC.Kill(-child.Pid, LibC.SignalKill);
    });

    /// <summary>It need not give way any more. Any thread; harmless when it never did.</summary>
    public void Hasten(ChildProcess child) => Ask(() =>
    {
        child.IsHastened = true;
        if (child.GivesWay && child.PidDescriptor >= 0) StartPriority.Restore(child.Pid);
        child.GivesWay = false;
    });

    /// <summary>Runs after what the process has written so far was handed to its owner. Any thread.</summary>
    public void AfterOutput(ChildProcess child, Action then) => Ask(() =>
    {
        Drain(child);
        then();
    });

    /// <summary>Ends all processes, and waits until they are gone.</summary>
    public void Dispose()
    {
        lock (_start)
        {
            _isStopping = true;
            if (_thread is null) return;
        }
        Wake();
        _thread.Join(TimeSpan.FromSeconds(5));
    }

    private void Ask(Action action)
    {
        _asked.Enqueue(action);
        lock (_start)
        {
            if (_thread is null && !_isStopping)
            {
                // A gateway without functions in use has neither the thread nor the descriptor.
                _wake = LibC.EventFd(0, LibC.CloseOnExec | LibC.NonBlocking);
                _thread = new Thread(Run) { IsBackground = true, Name = "functions" };
                _thread.Start();
            }
        }
        Wake();
    }

    private void Wake()
    {
        ulong one = 1;
        LibC.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    private void Run()
    {
        // Functions inherit this thread's schedule, and it was a loop that started it.
        ThreadSchedule.AsMainThread();
        LibC.AdoptOrphans();
        means.Begin();
        while (!_isStopping)
        {
            Poll();
            Work();
        }
        foreach (var child in _children) LibC.Kill(-child.Pid, LibC.SignalKill);
        for (int turn = 0; turn < 200 && _children.Count > 0; turn++)
        {
            Poll(10);
            Work();
        }
        _orphans.Look(_children);
        RemoveGroups();
    }

    private void Work()
    {
        while (_asked.TryDequeue(out var action)) action();
        // From the end: a child that is reaped leaves its place to the last one.
        for (int index = _children.Count - 1; index >= 0; index--) Look(_children[index]);
        ReadUse();
        SweepOrphans();
    }

    private void Poll(int timeoutMs = UsePeriodMs)
    {
        int needed = 1 + 2 * _children.Count;
        if (_polled.Length < needed) _polled = GC.AllocateArray<PollDescriptor>(needed * 2, pinned: true);
        _polled[0] = new PollDescriptor { Descriptor = _wake, Events = LibC.PollIn };
        int count = 1;
        foreach (var child in _children)
        {
            // A negative descriptor is passed over.
            _polled[count++] = new PollDescriptor { Descriptor = child.PidDescriptor, Events = LibC.PollIn };
            _polled[count++] = new PollDescriptor { Descriptor = child.Output, Events = LibC.PollIn };
        }
        fixed (PollDescriptor* first = _polled)
        {
            LibC.Poll(first, (nuint)count, HasNothingToWatch && timeoutMs == UsePeriodMs ? -1 : timeoutMs);
        }
        ulong ignored;
        if (_polled[0].Ready != 0) LibC.Read(_wake, (byte*)&ignored, sizeof(ulong));
        for (int index = 0; index < _children.Count; index++)
        {
            _children[index].IsEnding = _polled[1 + 2 * index].Ready != 0;
            _children[index].HasOutput = _polled[2 + 2 * index].Ready != 0;
        }
    }

    private bool HasNothingToWatch => _children.Count == 0 && !_orphans.HasSuspects && _groupsLeft.Count == 0;

    private void Look(ChildProcess child)
    {
        if (child.HasOutput) ReadOutput(child);
        if (!child.IsEnding) return;
        // While its leader is not reaped the number of the group cannot become another one's.
        LibC.Kill(-child.Pid, LibC.SignalKill);
        child.Group?.Kill();
        if (LibC.WaitPid(child.Pid, out int status, LibC.NoHang) == 0) return;
        Drain(child);
        Forget(child);
        _orphans.EndOf(child, _children);
        if (child.Group?.TryRemove() == false) _groupsLeft.Add(child.Group);
        child.Owner.OnExited(ProcessEnd.Of(status));
        Interlocked.Decrement(ref _count);
    }

    private void Begin(ChildProcess child, ProcessOrder order)
    {
        child.Mark = order.Mark;
        string? problem = child.IsKilled ? "killed" : order.Network?.Problem ?? TryBegin(child, order);
        if (order.Socket >= 0) LibC.Close(order.Socket);
        if (problem is null) return;
        child.Owner.OnExited(new ProcessEnd(0, 0, problem));
        Interlocked.Decrement(ref _count);
    }

    private string? TryBegin(ChildProcess child, ProcessOrder order)
    {
        int* ends = stackalloc int[2];
        if (LibC.Pipe(ends, LibC.CloseOnExec) < 0) return $"no pipe (error {LibC.LastError})";
        // The kernel kills the process when this thread is gone: a gateway that is killed leaves none behind.
        IReadOnlyList<string> words =
            _guard is null ? order.Words : [_guard, "--pdeathsig", "KILL", "--", .. order.Words];
        if (order.ProtectsFolder) means.Protect(order.Folder);
        int output = ends[1];
        int pid = 0;
        int Spawn() => SpawnedProgram.Start(words, order.Environment, order.Folder, output, order.Socket, out pid);
        int error = order.Network is { } network ? network.Run(Spawn) : Spawn();
        LibC.Close(output);
        if (error != 0)
        {
            LibC.Close(ends[0]);
            return $"cannot start {order.Words[0]} (error {error})";
        }
        // Groups take their time, and the process may be asked for its memory soon.
        child.MemoryPath = Encoding.ASCII.GetBytes($"/proc/{pid}/statm\0");
        child.Group = means.GroupFor(new ControlGroupBounds(order.MemoryBytes, order.Processors, order.Processes));
        child.Group?.Add(pid);
        child.GivesWay = order.GivesWay && !child.IsHastened && StartPriority.TryLower(pid);
        SetLimits(pid, order, hasGroup: child.Group is not null && means.CountsProcesses);
        LibC.FileControl(ends[0], 4, LibC.NonBlocking);
        child.Pid = pid;
        child.Output = ends[0];
        child.PidDescriptor = LibC.OpenPid(pid);
        _children.Add(child);
        return null;
    }

    private static void SetLimits(int pid, ProcessOrder order, bool hasGroup)
    {
        LibC.Limit(pid, LibC.LimitCore, 0);
        if (order.Files > 0) LibC.Limit(pid, LibC.LimitFiles, (ulong)order.Files);
        if (order.Processes > 0 && !hasGroup) LibC.Limit(pid, LibC.LimitProcesses, (ulong)order.Processes);
        if (order.DataBytes > 0) LibC.Limit(pid, LibC.LimitData, (ulong)order.DataBytes);
    }

    private void ReadOutput(ChildProcess child)
    {
        child.HasOutput = false;
        fixed (byte* bytes = _buffer)
        {
            nint read = LibC.Read(child.Output, bytes, ReadBytes);
            if (read > 0)
            {
                child.Owner.OnOutput(_buffer.AsSpan(0, (int)read));
                child.HasOutput = read == ReadBytes;
                return;
            }
            if (read < 0 && LibC.LastError is LibC.Again or LibC.Interrupted) return;
        }
        LibC.Close(child.Output);
        child.Output = -1;
    }

    private void Drain(ChildProcess child)
    {
        if (child.Output < 0) return;
        child.HasOutput = true;
        for (int turn = 0; turn < DrainReads && child.HasOutput && child.Output >= 0; turn++) ReadOutput(child);
    }

    private void Forget(ChildProcess child)
    {
        if (child.Output >= 0) LibC.Close(child.Output);
        if (child.PidDescriptor >= 0) LibC.Close(child.PidDescriptor);
        child.Output = child.PidDescriptor = -1;
        int index = _children.IndexOf(child);
        _children[index] = _children[^1];
        _children.RemoveAt(_children.Count - 1);
    }

    private void ReadUse()
    {
        long now = Environment.TickCount64;
        if (now - _useReadMs < UsePeriodMs || _children.Count == 0) return;
        _useReadMs = now;
        Machine.Sample();
        foreach (var child in _children)
        {
            if (ResidentMemory.Read(child.MemoryPath) is var bytes and > 0)
                child.Owner.OnUse(bytes, ProcessorTime.ReadMs(child.Pid));
        }
    }

    private void SweepOrphans()
    {
        long now = Environment.TickCount64;
        if (HasNothingToWatch || now - _orphansSweptMs < OrphanPeriodMs) return;
        _orphansSweptMs = now;
        _orphans.Look(_children);
        RemoveGroups();
    }

    private void RemoveGroups() => _groupsLeft.RemoveAll(group => group.TryRemove());
}
