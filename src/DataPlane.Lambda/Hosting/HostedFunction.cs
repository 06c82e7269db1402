using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Lambda.Hosting.Isolation;
using DataPlane.Lambda.Hosting.Processes;
using DataPlane.Lambda.Native;
using DataPlane.Lambda.Signing;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// A function of the configuration with everything it has at run time. Its pool lives on one loop, where nothing is
/// locked; invocations of other loops are posted there and their answers back. Any thread, unless said otherwise.
/// </summary>
public sealed class HostedFunction
{
    private static readonly SendOrPostCallback s_submit = static state =>
    {
        var invocation = (Invocation)state!;
        invocation.Function._pool.Submit(invocation);
    };

    private static readonly SendOrPostCallback s_forget = static state =>
    {
        var invocation = (Invocation)state!;
        invocation.Function._pool.Forget(invocation);
    };

    private readonly FunctionPool _pool;
    private readonly FunctionLaunch _launch;
    private CodeWatch? _watch;
    private NetworkNamespace? _network;
    private int _users;

    internal HostedFunction(
        FunctionHost host, FunctionConfig config, FunctionCredentials credentials, EventLoop loop)
    {
        Credentials = credentials;
        Host = host;
        Config = config;
        Loop = loop;
        TimeoutMs = (int)config.Timeout.TotalMilliseconds;
        _launch = new FunctionLaunch(config, host.Identity, host.Bootstraps);
        Arn = Encoding.ASCII.GetBytes(host.Identity.ArnOf(config.Name));
        QualifiedArn = Encoding.ASCII.GetBytes(host.Identity.ArnOf(config.Name) + ":$LATEST");
        int memoryMiB = (int)(config.Memory >> 20);
        var runtime = RuntimeVersion.Of(config, host.Identity.Region);
        Log = new FunctionLog(
            config.LogsJson
                ? new JsonPlatformLog(config.Name, memoryMiB, config.Concurrency.Provisioned > 0, runtime)
                : new TextPlatformLog(memoryMiB, runtime),
            loop.Time);
        _pool = new FunctionPool(this);
    }

    public FunctionConfig Config { get; }

    public string Name => Config.Name;

    public FunctionCounters Counters { get; } = new();

    public byte[] Arn { get; }

    internal byte[] QualifiedArn { get; }

    internal FunctionHost Host { get; }

    internal EventLoop Loop { get; }

    internal FunctionLog Log { get; }

    internal FunctionCredentials Credentials { get; }

    internal int TimeoutMs { get; }

    /// <summary>Takes the invocation over until it is done.</summary>
    public void Submit(Invocation invocation)
    {
        invocation.Function = this;
        if (Loop.IsCurrent) _pool.Submit(invocation);
        else Loop.Post(s_submit, invocation);
    }

    /// <summary>What the function wrote, with the platform's own lines.</summary>
    public Task<string> ReadLogAsync() => Loop.AskAsync(Log.Read);

    /// <summary>The processes there are, for people.</summary>
    public Task<IReadOnlyList<EnvironmentView>> ListAsync() => Loop.AskAsync<IReadOnlyList<EnvironmentView>>(() =>
    [
        .. _pool.Environments.Select(each => new EnvironmentView(
            each.LogStream, each.State, each.Invocations, each.MaxMemoryMiB,
            Math.Max(0, Loop.NowMs - each.StartedMs) / 1000.0)),
    ]);

    internal void Forget(Invocation invocation)
    {
        if (Loop.IsCurrent) _pool.Forget(invocation);
        else Loop.Post(s_forget, invocation);
    }

    /// <summary>One more generation uses the function.</summary>
    internal void Enter()
    {
        if (Interlocked.Increment(ref _users) != 1) return;
        if (Config.HasNoNetwork) _network = new NetworkNamespace();
        if (Config.Watch) _watch = CodeWatch.Begin(Config.Code, () => Loop.Post(_ => _pool.Renew(), state: null));
        Loop.Post(_ => _pool.Start(), state: null);
        // The loop's first turn is the start of the gateway, which listens already: nobody waits for this.
        Loop.Post(
            _ => Host.Keeper.Prepare(() => _launch.Order(null, "", -1, _network, credentials: null)), state: null);
    }

    /// <summary>Changes of its code do not matter any more. Any thread.</summary>
    internal void EndWatch() => Interlocked.Exchange(ref _watch, value: null)?.Dispose();

    /// <summary>One generation less; true when it was the last.</summary>
    internal bool Leave()
    {
        if (Interlocked.Decrement(ref _users) != 0) return false;
        EndWatch();
        Loop.Post(_ => _pool.Stop(), state: null);
        return true;
    }

    /// <summary>An environment and what starts it. Function's loop.</summary>
    internal FunctionEnvironment CreateEnvironment(
        FunctionPool pool, int codeVersion, bool givesWay, out Action begin)
    {
        string stream = string.Create(
            CultureInfo.InvariantCulture, $"{Loop.Time.GetUtcNow():yyyy/MM/dd}/[$LATEST]{Guid.NewGuid():n}");
        var network = _network;
        // In there, or its process could not reach it.
        bool isInside = network is { Problem: null };
        var listener = isInside ? network!.Run(RuntimeAddress.TryListen) : RuntimeAddress.TryListen();
        var environment = new FunctionEnvironment(pool, listener, stream)
        {
            CodeVersion = codeVersion,
            GivesWay = givesWay,
            StartedMs = Loop.NowMs,
        };
        Socket? kept = null;
        int far = -1;
        if (_launch.UsesKeptSocket && LibC.TryPair(out int near, out far))
            kept = new Socket(new SafeSocketHandle(near, ownsHandle: true));
        var api = listener?.LocalEndPoint as IPEndPoint;
        var credentials = Credentials.GetAsync();
        // Looking for the runtime and its files may take time that a loop does not have.
        if (credentials.IsCompletedSuccessfully)
        {
            var given = credentials.Result;
            Credentials.Gave(given);
            begin = () => environment.Begin(() => Order(given), kept);
        }
        else
        {
            var search = credentials.AsTask();
            begin = () => environment.Begin(() => Order(search.Result), kept, TellAsync(search));
        }
        return environment;

        ProcessOrder Order(SigningCredentials? given) =>
            _launch.Order(api, stream, far, network, given) with { GivesWay = givesWay };
    }

    private async Task TellAsync(Task<SigningCredentials?> search)
    {
        var given = await search.ConfigureAwait(false);
        Loop.Post(_ => Credentials.Gave(given), state: null);
    }
}
