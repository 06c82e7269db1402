using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.ProxyProtocol;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Connections.ProxyProtocol;

/// <summary>
/// The first thing a connection of a listener with <c>proxyProtocol</c> passes: takes the header off, and makes the
/// client's address the connection's. What follows the header stays in the reader, uncopied. A connection whose header
/// is refused is reset without an answer, as nothing is known of whoever waits for one. Any thread; allocates once per
/// connection.
/// </summary>
public sealed class ProxyHeaderStep
{
    private readonly bool _isRequired;
    private readonly ImmutableArray<IPNetwork> _trusted;
    private readonly Func<TimeSpan> _patience;
    private readonly TimeProvider _time;
    private readonly ProxyCounts _counts;

    /// <summary><paramref name="patience"/> is asked for each connection: reloads change it.</summary>
    public ProxyHeaderStep(
        bool isRequired, ImmutableArray<IPNetwork> trusted, ProxyCounts counts, Func<TimeSpan> patience,
        TimeProvider time)
    {
        _isRequired = isRequired;
        _trusted = trusted;
        _counts = counts;
        _patience = patience;
        _time = time;
    }

    public ConnectionDelegate Before(ConnectionDelegate next) => connection => RunAsync(connection, next);

    private Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (IsTrusted(connection.RemoteEndPoint)) return ReadAsync(connection, next);
        // What a stranger sends is not looked at: where it is a header, HTTP refuses it.
        if (!_isRequired) return next(connection);
        _counts.Count(ProxyResult.Untrusted);
        Refuse(connection);
        return Task.CompletedTask;
    }

    private async Task ReadAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (await TryTakeAsync(connection)) await next(connection);
        else Refuse(connection);
    }

    private async ValueTask<bool> TryTakeAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        var header = new ProxyHeader();
        using var patience = new HeaderPatience(input, _patience(), _time);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                var buffer = result.Buffer;
                var status = Parse(in buffer, header, connection, out var facts);
                if (status == ProxyHeaderStatus.Incomplete)
                {
                    input.AdvanceTo(buffer.Start, buffer.End);
                    if (!result.IsCanceled && !result.IsCompleted) continue;
                    return Count(result.IsCanceled ? ProxyResult.Timeout : ProxyResult.Closed);
                }
                // An absent header leaves everything; what is behind a complete one has not been examined either.
                bool isTaken = status == ProxyHeaderStatus.Complete;
                input.AdvanceTo(isTaken ? buffer.GetPosition(header.Length) : buffer.Start);
                if (!patience.TryEnd()) return Count(ProxyResult.Timeout);
                return Judge(status, header, connection, facts);
            }
        }
        catch (Exception broken) when (broken is IOException or ConnectionAbortedException)
        {
            return Count(ProxyResult.Closed);
        }
    }

    private static ProxyHeaderStatus Parse(
        in ReadOnlySequence<byte> buffer, ProxyHeader header, ConnectionContext connection, out ProxyFacts? facts)
    {
        var bytes = buffer.FirstSpan;
        if (!buffer.IsSingleSegment)
            bytes = buffer.Slice(0, Math.Min(buffer.Length, ProxyHeaderParser.MaxBytes)).ToArray();
        var status = ProxyHeaderParser.Parse(bytes, header);
        bool hasFacts = status == ProxyHeaderStatus.Complete && header.HasAddresses;
        facts = hasFacts ? new ProxyFacts(header, bytes, connection.RemoteEndPoint) : null;
        return status;
    }

    private bool Judge(
        ProxyHeaderStatus status, ProxyHeader header, ConnectionContext connection, ProxyFacts? facts)
    {
        switch (status)
        {
            case ProxyHeaderStatus.Complete:
                _counts.Count(header switch
                {
                    { Command: ProxyCommand.Local } => ProxyResult.Local,
                    { Version: 1 } => ProxyResult.Version1,
                    _ => ProxyResult.Version2,
                });
                if (facts is not null) Apply(facts, connection);
                return true;
            case ProxyHeaderStatus.Absent:
                _counts.Count(_isRequired ? ProxyResult.Missing : ProxyResult.None);
                return !_isRequired;
            default:
                _counts.Count(header.Fault);
                return false;
        }
    }

    private static void Apply(ProxyFacts facts, ConnectionContext connection)
    {
        var known = connection.Features.Get<ConnectionFacts>();
        if (known is null) connection.Features.Set(known = new ConnectionFacts());
        known.Proxy = facts;
        if (facts.Source is { } source) connection.RemoteEndPoint = source;
    }

    private bool Count(ProxyResult result)
    {
        _counts.Count(result);
        return false;
    }

    private static void Refuse(ConnectionContext connection) =>
        connection.Abort(new ConnectionAbortedException("The PROXY header is refused."));

    /// <summary>Whoever may open a unix socket has been let in by its file's mode.</summary>
    private bool IsTrusted(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address }) return true;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        foreach (var network in _trusted)
        {
            if (network.Contains(address)) return true;
        }
        return false;
    }
}
