using System.Buffers;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// Asks one endpoint one question at a time, over a connection of its own that it keeps. Loop thread; cold: a check
/// every few seconds allocates.
/// </summary>
internal sealed class HealthProbe : IHealthProbe, ILoopTimerTarget
{
    private readonly UpstreamEndpoint _endpoint;
    private readonly ActiveHealthConfig _config;
    private readonly EventLoop _loop;
    private readonly IUpstreamConnector _connector;
    private readonly LoopTimer _deadline;
    private readonly HealthAnswer _answer;
    private readonly byte[]? _request;
    private readonly byte[]? _greeting;
    private LoopConnection? _connection;
    private bool _timedOut;

    public HealthProbe(
        UpstreamEndpoint endpoint, ActiveHealthConfig config, EventLoop loop, IUpstreamConnector connector,
        ProxyGreeting? greeting = null)
    {
        _endpoint = endpoint;
        _config = config;
        _loop = loop;
        _connector = connector;
        _deadline = new LoopTimer(this);
        _answer = new HealthAnswer(config);
        _greeting = greeting?.Own();
        if (config.Path is null) return;
        string host = config.Host ?? Encoding.ASCII.GetString(endpoint.AuthorityUtf8);
        _request = Encoding.ASCII.GetBytes(
            $"GET {config.Path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: dataplane-health\r\nAccept: */*\r\n\r\n");
    }

    public async Task<ProbeOutcome> RunAsync()
    {
        _timedOut = false;
        _loop.Timers.Set(_deadline, _loop.NowMs + TimeoutMs);
        try
        {
            bool wasKept = _connection is { Peer: PeerState.Open };
            var outcome = wasKept ? await AskAsync() : await ConnectAndAskAsync();
            // It may have been closed while nobody looked: that says nothing about the endpoint.
            bool isStale = wasKept && !_timedOut && outcome.Result == CheckResult.BadAnswer && _answer.IsEmpty;
            return isStale ? await ConnectAndAskAsync() : outcome;
        }
        finally
        {
            _loop.Timers.Cancel(_deadline);
            if (!_answer.MayKeepConnection) Close();
        }
    }

    public void Close()
    {
        _connection?.Close();
        _connection?.Transport.Input.Complete();
        _connection?.Transport.Output.Complete();
        _connection = null;
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        _timedOut = true;
        _connection?.Transport.Input.CancelPendingRead();
        _connection?.Transport.Output.CancelPendingFlush();
    }

    private int TimeoutMs => (int)_config.Timeout.TotalMilliseconds;

    private async Task<ProbeOutcome> ConnectAndAskAsync()
    {
        Close();
        _answer.Reset();
        var result = await _endpoint.ConnectAsync(_connector, _loop, TimeoutMs, _greeting);
        _connection = result.Connection;
        if (_timedOut || result.Fault == ConnectFault.TimedOut) return TimedOut();
        if (_connection is null)
        {
            string fault = result.Detail ?? result.Fault.ToString().ToLowerInvariant();
            return new ProbeOutcome(CheckResult.ConnectFailed, $"the connect failed: {fault}");
        }
        return _request is null ? new ProbeOutcome(CheckResult.Success, "it accepts connections") : await AskAsync();
    }

    private async Task<ProbeOutcome> AskAsync()
    {
        var connection = _connection!;
        _answer.Reset();
        connection.Transport.Output.Write(_request);
        await connection.Transport.Output.FlushAsync();
        while (!_timedOut)
        {
            var read = await connection.Transport.Input.ReadAsync();
            foreach (var segment in read.Buffer) _answer.Append(segment.Span);
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            if (_answer.TryJudge(read.IsCompleted, out var outcome)) return outcome;
        }
        return TimedOut();
    }

    private ProbeOutcome TimedOut()
    {
        _answer.Reset();
        return ProbeOutcome.TimedOut(_config.Timeout);
    }
}
