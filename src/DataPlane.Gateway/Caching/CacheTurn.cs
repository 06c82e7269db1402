using DataPlane.Config.Policies;
using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Bodies;
using DataPlane.Http.Caching;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// What an exchange has while the cache fetches for it: the key, what is stored, its part in a flight, and the sink
/// that its integration writes to. That sink decides by the head: the response goes to the client and a copy of it
/// into the store, or to the client only; or it stays here, because it is a 304 to the cache's question or an error in
/// place of which something stored is sent. Pooled per loop; 0 bytes.
/// </summary>
internal sealed class CacheTurn(CachePlace place) : ResponseSink
{
    private readonly UpstreamConditions _conditions = new();
    private readonly ResponseHead _localHead = new();
    private readonly ResponseHead _storedHead = new();
    private readonly EntryWriter _entry = new();
    private readonly byte[] _key = new byte[CacheLimits.KeyBytes];
    private CacheFill? _fill;
    private CacheLease _stored;
    private ulong _hash;
    private ulong _leads;
    private long _dueMs;
    private long _stamp;
    private long _startMs;
    private int _primaryLength;
    private int _length;
    private int _urlLength;
    private bool _isValidating;
    private bool _goesAlone;

    public Exchange Exchange { get; private set; } = null!;

    public CacheRules Rules { get; private set; } = null!;

    public ResponseSink Client { get; private set; } = null!;

    public CacheForward Forward { get; set; }

    /// <summary>What the response from the upstream came to.</summary>
    public TurnEnd End { get; private set; }

    private ResponseCache Cache => place.Cache;

    /// <summary>
    /// Takes over the lease. Of the key, <paramref name="primaryLength"/> bytes do without Vary.
    /// </summary>
    public void Begin(
        Exchange exchange, CacheRules rules, int urlLength, int primaryLength, int length, in CacheLease stored)
    {
        Exchange = exchange;
        Rules = rules;
        place.Key.AsSpan(0, length).CopyTo(_key);
        (_urlLength, _primaryLength, _length) = (urlLength, primaryLength, length);
        _stored = stored;
        _hash = ResponseCache.HashOf(_key.AsSpan(0, _length));
        _dueMs = exchange.Loop.NowMs + rules.WaitMs;
    }

    /// <summary>The same for another exchange with the same request.</summary>
    public void Continue(Exchange exchange) => Exchange = exchange;

    /// <summary>It has its own reason to ask the upstream.</summary>
    public void GoAlone() => _goesAlone = true;

    public FlightRole Enter(out FlightWaiter? waiter)
    {
        waiter = null;
        long nowMs = Exchange.Loop.NowMs;
        if (_goesAlone || nowMs >= _dueMs) return FlightRole.Alone;
        var flight = Cache.FlightOf(_hash);
        waiter = place.RentWaiter();
        var role = flight.Enter(_hash, waiter, nowMs);
        if (role == FlightRole.Leader) _leads = _hash;
        if (role != FlightRole.Follower) place.Return(waiter);
        return role;
    }

    /// <summary>Leads if nobody does; never waits.</summary>
    public bool TryLead()
    {
        if (Cache.FlightOf(_hash).Enter(_hash, waiter: null, Exchange.Loop.NowMs) != FlightRole.Leader) return false;
        _leads = _hash;
        return true;
    }

    public ValueTask<FlightEnd> WaitAsync(FlightWaiter waiter)
    {
        place.Waiting++;
        return waiter.WaitAsync(Exchange, (int)(_dueMs - Exchange.Loop.NowMs));
    }

    /// <summary>After waiting: the fresh response, if there is one now.</summary>
    public bool TryFindFresh(FlightEnd end, out CacheLease lease)
    {
        place.Waiting--;
        ulong hash = _hash;
        _stored.Dispose();
        _stored = default;
        _length = _primaryLength;
        bool isThere = place.TryFind(Exchange, _key, ref _length, out lease);
        if (isThere)
        {
            ref readonly var meta = ref lease.Meta<EntryMeta>();
            bool isFresh = !meta.AsksAlways && !lease.IsSoftPurged && meta.LeftMs(Exchange.Loop.NowMs) > 0;
            if (isFresh) return true;
            _stored = lease;
            lease = default;
        }
        _hash = ResponseCache.HashOf(_key.AsSpan(0, _length));
        // Behind a selector that was not there before, requests like this one may wait for each other.
        _goesAlone = end != FlightEnd.Abandoned && (end != FlightEnd.Stored || hash == _hash);
        return false;
    }

    /// <summary>Before the integration is called.</summary>
    public void BeginFetch(ResponseSink client)
    {
        Client = client;
        ResetSink();
        End = TurnEnd.None;
        _stamp = Cache.Store.Stamp;
        _startMs = Exchange.Loop.NowMs;
        _conditions.Clear();
        _isValidating = _stored.IsHeld && _stored.Meta<EntryMeta>().HasValidator;
        if (_isValidating)
        {
            ref readonly var meta = ref _stored.Meta<EntryMeta>();
            var head = _stored.Head.Span;
            if (!meta.ETag.IsEmpty) _conditions.Add("If-None-Match"u8, meta.ETag.Of(head));
            if (meta.LastModified >= 0) _conditions.Add("If-Modified-Since"u8, meta.LastModifiedText.Of(head));
        }
        // A part is the upstream's to choose while there is no whole.
        bool asksForPart = !_stored.IsHeld && Exchange.Request.Has(KnownHeader.Range);
        Exchange.Conditions = asksForPart ? null : _conditions;
        Exchange.Response.Cache = NoteOf(isStored: false, status: 0);
    }

    /// <summary>
    /// The integration has ended: what went to the client is stored or not, or <see cref="End"/> says what to send.
    /// </summary>
    public void EndFetch(ExchangeOutcome outcome)
    {
        Exchange.Conditions = null;
        bool isWhole = outcome is ExchangeOutcome.Completed or ExchangeOutcome.LocalReply;
        switch (End)
        {
            case TurnEnd.Filling:
                bool isStored = isWhole && _entry.Commit(Cache.Store, _fill!, _key.AsSpan(0, _primaryLength), _stamp);
                if (!isStored) _fill!.Abort();
                _fill = null;
                var end = isWhole ? FlightEnd.Unshared : FlightEnd.Abandoned;
                Leave(isStored && IsFresh(in _entry.Meta) ? FlightEnd.Stored : end);
                break;
            case TurnEnd.None when MayServeOnError(outcome):
                End = TurnEnd.Error;
                Leave(FlightEnd.Unshared);
                break;
            case TurnEnd.None:
                bool isClients = outcome is ExchangeOutcome.ClientAborted or ExchangeOutcome.ClientTooSlow;
                Leave(isClients ? FlightEnd.Abandoned : FlightEnd.Unshared);
                break;
            case TurnEnd.Confirmed:
                Leave(FlightEnd.Stored);
                break;
        }
    }

    /// <summary>What is stored, to be sent; the lease is the caller's.</summary>
    public CacheLease TakeStored()
    {
        var stored = _stored;
        _stored = default;
        return stored;
    }

    /// <summary>The 304 was about another version: the next question has no conditions.</summary>
    public void DropStored() => TakeStored().Dispose();

    /// <summary>Whatever happened: nothing is held, nobody waits for it.</summary>
    public void Release()
    {
        _fill?.Abort();
        _fill = null;
        Leave(FlightEnd.Abandoned);
        TakeStored().Dispose();
        _entry.Reset();
        _goesAlone = false;
        Forward = CacheForward.None;
        if (Exchange.Conditions == _conditions) Exchange.Conditions = null;
        Exchange = null!;
        Client = null!;
        ResetSink();
        place.Return(this);
    }

    public override void Start()
    {
        IsStarted = true;
        var draft = Exchange.Response;
        var (head, bytes) = HeadOf(draft);
        long now = Cache.NowSeconds;
        var facts = ResponseFacts.Read(head, bytes, now);
        if (_isValidating && facts.StatusCode == 304)
        {
            End = TryConfirm(head, bytes, in facts, now) ? TurnEnd.Confirmed : TurnEnd.OtherVersion;
            return;
        }
        if (facts.StatusCode >= 500 && MayServeOnError(facts.StatusCode))
        {
            End = TurnEnd.Error;
            Leave(FlightEnd.Unshared);
            return;
        }
        if (_stored.IsHeld && Exchange.Request.Method == RequestMethod.Head && facts.StatusCode == 200)
            LearnFromHead(head, bytes, in facts, now);
        Store(head, bytes, in facts, now);
        draft.Cache = NoteOf(End == TurnEnd.Filling, facts.StatusCode);
        Answer(draft, bytes, in facts, now);
        Client.Start();
        Follow();
    }

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        if (IsKept) return;
        Fill(bytes);
        Client.Append(bytes);
        Follow();
    }

    public override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (IsKept) return new ValueTask<bool>(result: true);
        Fill(bytes.Span);
        return Follow(Client.WriteAsync(bytes));
    }

    public override ValueTask<bool> FlushAsync() =>
        IsKept ? new ValueTask<bool>(result: true) : Follow(Client.FlushAsync());

    public override ValueTask<bool> FlushSoonAsync() =>
        IsKept ? new ValueTask<bool>(result: true) : Follow(Client.FlushSoonAsync());

    public override ValueTask<bool> CompleteAsync() => Client.CompleteAsync();

    public override void Abort() => Client.Abort();

    public override TrailerFields? Trailers => IsKept ? null : Client.Trailers;

    public override bool CanSplice(Transport.LoopConnection source) =>
        !IsKept && _fill is null && Client.CanSplice(source);

    public override ValueTask<long> SpliceAsync(Transport.LoopConnection source, long count) =>
        Client.SpliceAsync(source, count);

    // The head came and was for the cache only.
    private bool IsKept => End is TurnEnd.Confirmed or TurnEnd.OtherVersion or TurnEnd.Error;

    private (ResponseHead Head, byte[] Bytes) HeadOf(ResponseDraft draft)
    {
        if (draft.Upstream is { } upstream) return (upstream, draft.UpstreamBytes);
        _localHead.Reset();
        return (_localHead, _entry.RenderLocal(draft, _localHead));
    }

    private bool TryConfirm(ResponseHead head, ReadOnlySpan<byte> bytes, in ResponseFacts facts, long now)
    {
        // RFC 9111 4.3.4: a strong tag of another version confirms nothing.
        ref readonly var meta = ref _stored.Meta<EntryMeta>();
        var stored = _stored.Head.Span;
        bool isOther = !facts.ETagRange.IsEmpty && !meta.ETag.IsEmpty
            && !EntityTags.MatchesAny(facts.ETagRange.Of(bytes), meta.ETag.Of(stored));
        if (isOther) return false;
        Update(head, bytes, now);
        return true;
    }

    /// <summary>
    /// RFC 9111 4.3.5: the answer to HEAD is that to GET without its body. It renews what is stored where it is about
    /// the same, and otherwise has it validated.
    /// </summary>
    private void LearnFromHead(ResponseHead head, ReadOnlySpan<byte> bytes, in ResponseFacts facts, long now)
    {
        ref readonly var meta = ref _stored.Meta<EntryMeta>();
        bool isSame = meta.StatusCode == 200
            && (facts.ETagRange.IsEmpty
                || facts.ETagRange.Of(bytes).SequenceEqual(meta.ETag.Of(_stored.Head.Span)))
            && (facts.LastModified < 0 || facts.LastModified == meta.LastModified)
            && (!head.HasContentLength || head.ContentLength == _stored.BodyBytes);
        if (!isSame)
        {
            Cache.Store.Remove(_key.AsSpan(0, _length), isSoft: true);
            return;
        }
        // What may not be stored by itself is no part of what everybody gets.
        bool isAuthorized = Exchange.Request.Has(KnownHeader.Authorization);
        long lifetime = Freshness.Lifetime(in facts, Rules.Freshness);
        bool mayStore = !facts.Control.Has(CacheFlags.NamesFields) && Freshness.MayStore(
            in facts, lifetime, isAuthorized, takesCookies: Rules.SetCookie != SetCookieMode.Refuse);
        if (mayStore) Update(head, bytes, now);
    }

    private void Update(ResponseHead head, ReadOnlySpan<byte> bytes, long now)
    {
        var stored = _stored.Head.Span;
        _storedHead.Reset();
        ResponseHeadParser.Parse(stored, _storedHead, RequestMethod.Get, CacheBounds.StoredHead);
        long nowMs = Exchange.Loop.NowMs;
        _entry.Update(Rules, _storedHead, stored, head, bytes, now, nowMs, nowMs - _startMs);
        // Where it has been replaced meanwhile, the answer to this request is the old version all the same.
        Cache.Store.UpdateHead(ref _stored, _entry.Head, in _entry.Meta);
    }

    private void Store(ResponseHead head, ReadOnlySpan<byte> bytes, in ResponseFacts facts, long now)
    {
        var exchange = Exchange;
        long nowMs = exchange.Loop.NowMs;
        bool isStorable = exchange.Request.Method == RequestMethod.Get
            && _entry.TryPrepare(exchange, Rules, head, bytes, in facts, now, nowMs, nowMs - _startMs);
        int length = _primaryLength;
        if (isStorable && _entry.Names.Length > 0)
        {
            _entry.KeepUrl(_key.AsSpan(0, _urlLength));
            isStorable = CacheKey.TryAddSelection(exchange, _entry.Names, _key, ref length);
        }
        long bodyBytes = exchange.Response.BodyLength;
        isStorable = isStorable && bodyBytes <= Cache.Store.MaxEntryBytes;
        if (!isStorable)
        {
            // What will not be shared is not waited for.
            Leave(FlightEnd.Unshared, isRemembered: facts.StatusCode < 500);
            End = TurnEnd.Passing;
            return;
        }
        _entry.KeepUrl(_key.AsSpan(0, _urlLength));
        _fill = Cache.Store.Begin(_key.AsSpan(0, length), bodyBytes, _stamp);
        End = TurnEnd.Filling;
    }

    /// <summary>The upstream was not asked the client's own question.</summary>
    private void Answer(ResponseDraft draft, ReadOnlySpan<byte> bytes, in ResponseFacts facts, long now)
    {
        bool isAnswered = Exchange.Conditions is not null && facts.StatusCode == 200 && Preconditions.IsNotModified(
            Exchange.Request, Exchange.HeadBytes, facts.ETagRange.Of(bytes), facts.LastModified, now);
        if (isAnswered) draft.StatusCode = 304;
    }

    private void Fill(ReadOnlySpan<byte> bytes)
    {
        if (_fill is null || _fill.Append(bytes)) return;
        _fill.Abort();
        _fill = null;
        End = TurnEnd.Passing;
        Leave(FlightEnd.Unshared, isRemembered: true);
    }

    private bool MayServeOnError(int status) => status is 500 or 502 or 503 or 504 && MayServeStale();

    private bool MayServeOnError(ExchangeOutcome outcome) =>
        outcome is not (ExchangeOutcome.Completed or ExchangeOutcome.LocalReply)
        && Exchange.CancelReason == CancelReason.None
        && ErrorTable.Of(outcome).StatusCode >= 500
        && MayServeStale();

    private bool MayServeStale()
    {
        if (!_stored.IsHeld) return false;
        ref readonly var meta = ref _stored.Meta<EntryMeta>();
        return !meta.ForbidsStale && !meta.AsksAlways
            && -meta.LeftMs(Exchange.Loop.NowMs) < meta.StaleIfErrorMs;
    }

    private static bool IsFresh(in EntryMeta meta) => meta.LifetimeMs > meta.InitialAgeMs && !meta.AsksAlways;

    private CacheNote NoteOf(bool isStored, int status) => new()
    {
        Result = CacheResult.Miss,
        Forward = Forward,
        IsStored = isStored,
        HidesStatus = !Rules.ShowsStatus,
        ForwardStatus = Forward == CacheForward.Stale ? status : 0,
    };

    private void Leave(FlightEnd end, bool isRemembered = false)
    {
        if (_leads == 0) return;
        ulong leads = _leads;
        _leads = 0;
        long untilMs = isRemembered ? Exchange.Loop.NowMs + CacheBounds.UnsharedMs : 0;
        Cache.FlightOf(leads).Leave(leads, end, untilMs);
    }

    private void Follow()
    {
        Failure = Client.Failure;
        BytesSent = Client.BytesSent;
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
