using System.Text;
using DataPlane.Config.Policies;
using DataPlane.Gateway.Caching.Store;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Caching;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// Makes of a response what is stored beside its body: the head, what it means, its tags. Loop thread; 0 bytes after
/// its largest.
/// </summary>
internal sealed class EntryWriter
{
    private readonly byte[] _names = new byte[CacheBounds.NameBytes];
    private readonly byte[] _tags = new byte[CacheBounds.TagBytes];
    private readonly ResponseHead _parsed = new();
    private byte[] _head = new byte[1024];
    private byte[] _local = [];
    private byte[] _url = [];
    private int _headLength;
    private int _namesLength;
    private int _tagsLength;
    private int _urlLength;
    private EntryMeta _meta;

    public ref EntryMeta Meta => ref _meta;

    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _headLength);

    /// <summary>Of the request's fields that the response was chosen by.</summary>
    public ReadOnlySpan<byte> Names => _names.AsSpan(0, _namesLength);

    public void Reset()
    {
        _headLength = _namesLength = _tagsLength = _urlLength = 0;
        if (_head.Length > 16 * 1024) _head = new byte[1024];
    }

    /// <summary>What the entry is purged by.</summary>
    public void KeepUrl(ReadOnlySpan<byte> url)
    {
        if (_url.Length < url.Length) _url = new byte[Math.Max(256, url.Length)];
        url.CopyTo(_url);
        _urlLength = url.Length;
    }

    /// <summary>A reply that no upstream gave, as a head; the bytes are good until the next one.</summary>
    public byte[] RenderLocal(ResponseDraft draft, ResponseHead head)
    {
        int bound = 64 + draft.Fields.Length + draft.Location.Length;
        if (_local.Length < bound) _local = new byte[bound];
        var writer = new HeadWriter(_local);
        writer.Put("HTTP/1.1 "u8);
        writer.PutNumber(draft.StatusCode);
        writer.Put(" \r\n"u8);
        writer.Put(draft.Fields.Span);
        if (!draft.Location.IsEmpty)
        {
            writer.Put("Location: "u8);
            writer.Put(draft.Location.Span);
            writer.Put("\r\n"u8);
        }
        writer.Put("\r\n"u8);
        ResponseHeadParser.Parse(_local.AsSpan(0, writer.Length), head, RequestMethod.Get, CacheBounds.StoredHead);
        return _local;
    }

    /// <summary>False when the response may not be stored.</summary>
    public bool TryPrepare(
        Exchange exchange, CacheRules rules, ResponseHead head, ReadOnlySpan<byte> bytes, in ResponseFacts facts,
        long now, long nowMs, long delayMs)
    {
        long lifetime = Freshness.Lifetime(in facts, rules.Freshness);
        bool takesCookies = rules.SetCookie != SetCookieMode.Refuse || NamesCookies(head, bytes, in facts);
        bool isAuthorized = exchange.Request.Has(KnownHeader.Authorization);
        if (!Freshness.MayStore(in facts, lifetime, isAuthorized, takesCookies)) return false;
        _namesLength = 0;
        if (facts.Varies && !TryTakeNames(exchange, head, bytes)) return false;
        if (!TryTakeTags(head, bytes)) return false;
        Grow(StoredHead.Bound(head));
        var writer = new HeadWriter(_head);
        bool keepsCookies = rules.SetCookie == SetCookieMode.Store;
        StoredHead.Write(ref writer, head, bytes, in facts, keepsCookies);
        _headLength = writer.Length;
        SetMeta(rules, now, nowMs, Freshness.InitialAge(in facts, rules.Freshness, now, delayMs / 1000));
        return true;
    }

    /// <summary>After a 304.</summary>
    public void Update(
        CacheRules rules, ResponseHead stored, ReadOnlySpan<byte> storedBytes, ResponseHead news,
        ReadOnlySpan<byte> newsBytes, long now, long nowMs, long delayMs)
    {
        Grow(StoredHead.Bound(stored) + StoredHead.Bound(news));
        var writer = new HeadWriter(_head);
        bool keepsCookies = rules.SetCookie == SetCookieMode.Store;
        StoredHead.WriteUpdated(ref writer, stored, storedBytes, news, newsBytes, keepsCookies);
        _headLength = writer.Length;
        // What the 304 says of its age is in no stored head.
        var said = ResponseFacts.Read(news, newsBytes, now);
        SetMeta(rules, now, nowMs, Freshness.InitialAge(in said, rules.Freshness, now, delayMs / 1000));
    }

    /// <summary>Ends the fill; with Vary, the names are stored under the shorter key.</summary>
    public bool Commit(CacheStore store, CacheFill fill, ReadOnlySpan<byte> primaryKey, long stamp)
    {
        var url = _url.AsSpan(0, _urlLength);
        if (!fill.Commit(Head, in _meta, _tags.AsSpan(0, _tagsLength), url)) return false;
        if (_namesLength == 0 || IsSelected(store, primaryKey)) return true;
        var meta = new EntryMeta { IsSelector = true };
        return store.Begin(primaryKey, 0, stamp).Commit(Names, in meta, tags: default, url);
    }

    private bool IsSelected(CacheStore store, ReadOnlySpan<byte> primaryKey)
    {
        if (!store.TryGet(primaryKey, out var lease)) return false;
        bool isSame = lease.Meta<EntryMeta>().IsSelector && lease.Head.Span.SequenceEqual(Names);
        lease.Dispose();
        return isSame;
    }

    private void SetMeta(CacheRules rules, long now, long nowMs, long age)
    {
        _parsed.Reset();
        ResponseHeadParser.Parse(Head, _parsed, RequestMethod.Get, CacheBounds.StoredHead);
        var facts = ResponseFacts.Read(_parsed, Head, now);
        var control = facts.Control;
        long lifetime = Freshness.Lifetime(in facts, rules.Freshness);
        long whileMs = control.StaleWhileRevalidate >= 0
            ? control.StaleWhileRevalidate * 1000L : rules.StaleWhileRevalidateMs;
        long errorMs = control.StaleIfError >= 0 ? control.StaleIfError * 1000L : rules.StaleIfErrorMs;
        _meta = new EntryMeta
        {
            AsksAlways = control.Has(CacheFlags.NoCache),
            ForbidsStale = control.ForbidsStale,
            StatusCode = (short)facts.StatusCode,
            ReceivedMs = nowMs,
            InitialAgeMs = age * 1000,
            LifetimeMs = Math.Max(0, lifetime) * 1000,
            StaleWhileRevalidateMs = whileMs,
            StaleIfErrorMs = errorMs,
            LastModified = facts.LastModified,
            Date = facts.Date,
            ETag = facts.ETagRange,
            LastModifiedText = facts.LastModifiedRange,
        };
    }

    private bool TryTakeNames(Exchange exchange, ResponseHead head, ReadOnlySpan<byte> bytes)
    {
        if (!Selection.TryWriteNames(head, bytes, _names, out _namesLength)) return false;
        ReadOnlySpan<byte> names = Names;
        while (Selection.TryTakeName(ref names, out var name))
        {
            // What the upstream is told under such a name is not what the client said.
            var known = KnownHeaders.Identify(name);
            bool isOurs = known is (>= KnownHeader.XForwardedFor and <= KnownHeader.TraceState)
                and not (KnownHeader.XForwardedProto or KnownHeader.XForwardedHost or KnownHeader.XForwardedPort);
            if (isOurs || (exchange.RequestRules is { } rules && rules.Removes(known, name))) return false;
        }
        return true;
    }

    /// <summary>Cache-Tag has commas between tags, Surrogate-Key spaces.</summary>
    private bool TryTakeTags(ResponseHead head, ReadOnlySpan<byte> bytes)
    {
        _tagsLength = 0;
        foreach (ref readonly var field in head.Fields)
        {
            if (field.Known != KnownHeader.Other || !IsTags(field.Name(bytes))) continue;
            if (_tags.Length - _tagsLength < field.ValueLength + 1) return false;
            var target = _tags.AsSpan(_tagsLength, field.ValueLength);
            field.Value(bytes).Replace(target, (byte)',', (byte)' ');
            target.Replace((byte)'\t', (byte)' ');
            _tagsLength += target.Length;
            _tags[_tagsLength++] = (byte)' ';
        }
        return true;
    }

    private static bool IsTags(ReadOnlySpan<byte> name) => name.Length switch
    {
        9 => Ascii.EqualsIgnoreCase(name, "cache-tag"u8),
        13 => Ascii.EqualsIgnoreCase(name, "surrogate-key"u8),
        _ => false,
    };

    private static bool NamesCookies(ResponseHead head, ReadOnlySpan<byte> bytes, in ResponseFacts facts)
    {
        if (!facts.HasSetCookie || !facts.Control.Has(CacheFlags.NamesFields)) return false;
        foreach (ref readonly var field in head.Fields)
        {
            bool isControl = field.Known == KnownHeader.CacheControl;
            if (isControl && CacheControl.NamesField(field.Value(bytes), "set-cookie"u8)) return true;
        }
        return false;
    }

    private void Grow(int bytes)
    {
        if (_head.Length < bytes) _head = new byte[bytes * 2];
    }
}
