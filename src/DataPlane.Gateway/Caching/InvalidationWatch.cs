using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Http.Bodies;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// The sink of a request that may change something: when its response is no error, what is stored for its URL is taken
/// out, and for the URLs in Location and Content-Location on the same host (RFC 9111 4.4), before the client hears of
/// it. Pooled per loop.
/// </summary>
internal sealed class InvalidationWatch(ResponseCache cache) : ResponseSink
{
    private readonly byte[] _url = new byte[Store.CacheLimits.KeyBytes];
    private Exchange _exchange = null!;
    private ResponseSink _client = null!;
    private CacheRules _rules = null!;

    public void Begin(Exchange exchange, ResponseSink client, CacheRules rules)
    {
        _exchange = exchange;
        _client = client;
        _rules = rules;
        ResetSink();
    }

    public void End()
    {
        _exchange = null!;
        _client = null!;
    }

    public override void Start()
    {
        int status = _exchange.Response.StatusCode;
        if (status is >= 200 and < 400) Invalidate();
        _client.Start();
        Follow();
    }

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        _client.Append(bytes);
        Follow();
    }

    public override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes) => Follow(_client.WriteAsync(bytes));

    public override ValueTask<bool> FlushAsync() => Follow(_client.FlushAsync());

    public override ValueTask<bool> FlushSoonAsync() => Follow(_client.FlushSoonAsync());

    public override ValueTask<bool> CompleteAsync() => _client.CompleteAsync();

    public override void Abort() => _client.Abort();

    public override TrailerFields? Trailers => _client.Trailers;

    public override bool CanSplice(LoopConnection source) => _client.CanSplice(source);

    public override ValueTask<long> SpliceAsync(LoopConnection source, long count) =>
        _client.SpliceAsync(source, count);

    private void Invalidate()
    {
        if (!CacheKey.TryWrite(_exchange, _rules, _url, out int length, out _)) return;
        var url = _url.AsSpan(0, length);
        cache.Store.PurgeUrl(url);
        if (_exchange.Response.Upstream is not { } head) return;
        ReadOnlySpan<byte> bytes = _exchange.Response.UpstreamBytes;
        Span<byte> other = stackalloc byte[2048];
        foreach (ref readonly var field in head.Fields)
        {
            if (field.Known is not (KnownHeader.Location or KnownHeader.ContentLocation)) continue;
            if (Reference.TryResolve(url, field.Value(bytes), other, out int written))
                cache.Store.PurgeUrl(other[..written]);
        }
    }

    private void Follow()
    {
        IsStarted = _client.IsStarted;
        Failure = _client.Failure;
        BytesSent = _client.BytesSent;
    }

    private ValueTask<bool> Follow(ValueTask<bool> write)
    {
        if (!write.IsCompletedSuccessfully) return FollowAsync(write);
        Follow();
        return write;
    }

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(Loops.LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FollowAsync(ValueTask<bool> write)
    {
        bool isSent = await write;
        Follow();
        return isSent;
    }
}
