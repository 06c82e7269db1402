using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace DataPlane.Tools.Upstreams;

/// <summary>
/// A small HTTP/1.1 upstream for the demo and for tests, with HTTP code of its own. Ordinary paths answer with JSON
/// that tells what arrived; <see cref="SpecialPaths"/> make trouble. Any member may be used from any thread.
/// </summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private readonly ConcurrentDictionary<string, RawAnswer> _rawAnswers = new(StringComparer.Ordinal);
    private readonly ChangeSignal _signal = new();
    private readonly LoopbackAcceptor _acceptor;
    private readonly string? _unixPath;
    private readonly bool _records;
    private int _requestCount;

    private FakeUpstream(int port, string? unixPath, bool records)
    {
        _records = records;
        _unixPath = unixPath;
        _acceptor = unixPath is null
            ? LoopbackAcceptor.OnPort(port, ServeAsync, _signal.Raise)
            : LoopbackAcceptor.OnUnixPath(unixPath, ServeAsync, _signal.Raise);
    }

    /// <summary>The TCP port; 0 on a unix socket.</summary>
    public int Port => _acceptor.Port;

    /// <summary>The address as an upstream's endpoint is written in the configuration.</summary>
    public string Url => _unixPath is null ? $"http://127.0.0.1:{Port}" : $"http+unix://{_unixPath}";

    /// <summary>Connections accepted so far.</summary>
    public int ConnectionCount => _acceptor.Accepted;

    public int OpenConnectionCount => _acceptor.Open;

    /// <summary>Request heads received so far.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>The requests received so far, in order of their heads; empty when recording is off.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    /// <summary>Listens on loopback; port 0 takes a free one.</summary>
    public static FakeUpstream Start(int port = 0, bool records = true) => new(port, unixPath: null, records);

    public static FakeUpstream StartUnix(string path, bool records = true) => new(port: 0, path, records);

    /// <summary>Answers a target with exactly these bytes, once the request's body has been read.</summary>
    public void AnswerRaw(string target, string response, bool thenClose = false) =>
        AnswerRaw(target, Encoding.Latin1.GetBytes(response), thenClose);

    /// <inheritdoc cref="AnswerRaw(string, string, bool)"/>
    public void AnswerRaw(string target, byte[] response, bool thenClose = false) =>
        _rawAnswers[target] = new RawAnswer(response, thenClose);

    /// <summary>Waits for a condition over the counters; <see cref="TimeoutException"/> when it never holds.</summary>
    public Task WaitUntilAsync(Func<FakeUpstream, bool> condition, TimeSpan timeout) =>
        _signal.WaitUntilAsync(() => condition(this), timeout);

    /// <summary>Stops listening and cuts every connection.</summary>
    public ValueTask DisposeAsync() => _acceptor.DisposeAsync();

    private async Task ServeAsync(AcceptedConnection connection, CancellationToken cancellationToken)
    {
        var reader = new NaiveByteReader(connection.Stream);
        while (await ReadHeadAsync(reader, cancellationToken) is { } headLines)
        {
            var request = new ReceivedRequest(connection.Number, headLines, reader.PeekRecorded());
            Interlocked.Increment(ref _requestCount);
            if (_records)
                _requests.Enqueue(request);
            _signal.Raise();
            var exchange = new FakeExchange(connection, request, new NaiveBodyReader(reader, request), reader);
            var keepsAlive = await AnswerAsync(exchange, cancellationToken);
            _signal.Raise();
            reader.TakeRecorded();
            if (!keepsAlive)
                return;
        }
    }

    private static async Task<string[]?> ReadHeadAsync(NaiveByteReader reader, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
                lines.Add(line);
            else if (lines.Count > 0)
                return [.. lines];
        }

        return null;
    }

    private async Task<bool> AnswerAsync(FakeExchange exchange, CancellationToken cancellationToken)
    {
        var request = exchange.Request;
        if (_rawAnswers.TryGetValue(request.Target, out var raw))
        {
            await exchange.ReadBodyAsync(cancellationToken);
            await exchange.WriteAsync(raw.Response, cancellationToken);
            return !raw.ThenClose;
        }

        if (SpecialPaths.Find(request.Target) is { } special)
            return await special(exchange, cancellationToken);
        var body = await exchange.ReadBodyAsync(cancellationToken);
        return await exchange.SendAsync(200, "application/json", Describe(request, body.Length), cancellationToken);
    }

    private static byte[] Describe(ReceivedRequest request, int bodyBytes)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("method", request.Method);
            json.WriteString("target", request.Target);
            json.WriteStartObject("headers");
            foreach (var name in request.Headers.Select(field => field.Key).Distinct(StringComparer.OrdinalIgnoreCase))
                json.WriteString(name, request.Header(name));
            json.WriteEndObject();
            json.WriteNumber("bodyBytes", bodyBytes);
            json.WriteNumber("connection", request.Connection);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
        return output.ToArray();
    }

    private sealed record RawAnswer(byte[] Response, bool ThenClose);
}
