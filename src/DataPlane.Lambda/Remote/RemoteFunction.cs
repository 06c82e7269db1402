using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Recording;
using DataPlane.Lambda.Signing;
using Microsoft.Extensions.Logging;

namespace DataPlane.Lambda.Remote;

/// <summary>
/// A function somewhere else: what is the same in all its requests, encoded once, and its counters. Any thread, except
/// where a loop is said.
/// </summary>
internal sealed class RemoteFunction
{
    private const string Service = "lambda";

    /// <summary>What goes wrong for every request is told once in a while.</summary>
    private const long QuietMs = 10_000;

    private readonly ShardedCounter[] _results;
    private readonly Func<ILogger> _logger;
    private SignedDay? _day;
    private long _quietUntilMs;

    public RemoteFunction(
        RemoteFunctionConfig config, CredentialSource? credentials, int loops, Func<ILogger> logger)
    {
        Config = config;
        Credentials = credentials;
        _logger = logger;
        string name = Uri.EscapeDataString(config.Function);
        PlainPath = Encoding.ASCII.GetBytes($"/2015-03-31/functions/{name}/invocations");
        StreamingPath = Encoding.ASCII.GetBytes($"/2021-11-15/functions/{name}/response-streaming-invocations");
        Query = Encoding.ASCII.GetBytes(
            config.Qualifier is { } qualifier ? $"Qualifier={Uri.EscapeDataString(qualifier)}" : "");
        ClientContext = config.ClientContext is { } context
            ? Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(context)))
            : [];
        TimeoutMs = (int)config.Timeout.TotalMilliseconds;
        _results = [.. Enum.GetValues<RemoteResult>().Select(_ => new ShardedCounter(loops))];
    }

    public RemoteFunctionConfig Config { get; }

    public string Name => Config.Name;

    /// <summary>Null when requests are not signed.</summary>
    public CredentialSource? Credentials { get; }

    public byte[] PlainPath { get; }

    public byte[] StreamingPath { get; }

    /// <summary>How routes call it.</summary>
    public byte[] Path => Config.IsStreaming ? StreamingPath : PlainPath;

    /// <summary>Without the question mark; empty for none.</summary>
    public byte[] Query { get; }

    /// <summary>Base64; empty for none.</summary>
    public byte[] ClientContext { get; }

    public int TimeoutMs { get; }

    /// <summary>Loop thread.</summary>
    public void Count(EventLoop loop, RemoteResult result) => _results[(int)result].Add(loop.Index, 1);

    public long Counted(RemoteResult result) => _results[(int)result].Read();

    /// <summary>The key of a day; another one is made when the day or the credentials change.</summary>
    public SigningKey KeyOf(SigningCredentials credentials, ReadOnlySpan<byte> day)
    {
        var known = Volatile.Read(ref _day);
        if (known is not null && ReferenceEquals(known.Credentials, credentials) && known.Key.IsOf(day))
            return known.Key;
        known = new SignedDay(credentials, new SigningKey(credentials.SecretKey, day, Config.Region, Service));
        // Two loops may make the same one; either will do.
        Volatile.Write(ref _day, known);
        return known.Key;
    }

    public void TellRefused(EventLoop loop, int status, string type, string message)
    {
        if (loop.NowMs < Volatile.Read(ref _quietUntilMs)) return;
        Volatile.Write(ref _quietUntilMs, loop.NowMs + QuietMs);
        RemoteMessages.Refused(_logger(), Name, status, type, message);
    }

    /// <summary>The end of an invocation's log, base64.</summary>
    public void TellLog(ReadOnlySpan<byte> tail)
    {
        byte[] bytes = new byte[tail.Length];
        if (System.Buffers.Text.Base64.DecodeFromUtf8(tail, bytes, out _, out int length)
            != System.Buffers.OperationStatus.Done)
            return;
        foreach (var line in Encoding.UTF8.GetString(bytes.AsSpan(0, length)).AsSpan().EnumerateLines())
        {
            if (!line.IsEmpty) RemoteMessages.Line(_logger(), Name, line.ToString());
        }
    }

    private sealed record SignedDay(SigningCredentials Credentials, SigningKey Key);
}
