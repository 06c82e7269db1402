using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// The response head before the sink has written it. Either <see cref="Upstream"/> carries the fields (a proxied
/// response), or <see cref="Fields"/> does (a local reply). One per exchange, reused.
/// </summary>
public sealed class ResponseDraft
{
    public const long UnknownLength = -1;

    /// <summary>A copy of a larger head is not kept for every exchange of the pool.</summary>
    private const int KeptHeadBytes = 4096;

    private ResponseHead? _upstream;
    private ResponseHead? _stored;
    private byte[] _storedBytes = [];
    private int _storedLength;
    private HeadLimits _storedLimits;
    private LimitNote _limit;
    private CacheNote _cache;

    public int StatusCode { get; set; }

    /// <summary>
    /// Parsed head of the upstream, over <see cref="UpstreamBytes"/>; null for local replies. A stored one is parsed
    /// when somebody asks: most are sent as they are.
    /// </summary>
    public ResponseHead? Upstream
    {
        get => _upstream ?? (_storedLength > 0 ? ReadStored() : null);
        set
        {
            _upstream = value;
            _storedLength = 0;
        }
    }

    public byte[] UpstreamBytes { get; set; } = [];

    /// <summary>Prerendered <c>Name: value CRLF</c> lines of a local reply.</summary>
    public ReadOnlyMemory<byte> Fields { get; set; }

    /// <summary>A redirect's rendered target, kept in the exchange's scratch; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Location { get; set; }

    /// <summary>Value of Allow on a 405; null for none.</summary>
    public byte[]? Allow { get; set; }

    /// <summary>What a rate limit has to say; nothing by default.</summary>
    public ref LimitNote Limit => ref _limit;

    /// <summary>What the route's cache has to say; nothing by default.</summary>
    public ref CacheNote Cache => ref _cache;

    /// <summary>Body bytes that will be written, or <see cref="UnknownLength"/>.</summary>
    public long BodyLength { get; set; }

    /// <summary>Header rules of the response, applied while the head is written; null for none.</summary>
    public Headers.HeaderRules? Rules { get; set; }

    /// <summary>
    /// A stored head without its empty line: every field of it is to be sent, in the form in which it lies there. Empty
    /// for other responses.
    /// </summary>
    public ReadOnlySpan<byte> Stored => _storedBytes.AsSpan(0, Math.Max(0, _storedLength - 2));

    /// <summary>The status that the stored head was stored with.</summary>
    public int StoredStatusCode { get; private set; }

    /// <summary>
    /// Answers with a stored head, of which a copy is made: recorders look at it after its memory has gone back. 0
    /// bytes after the first.
    /// </summary>
    public void TakeStored(ReadOnlySpan<byte> head, int statusCode, in HeadLimits limits)
    {
        if (_storedBytes.Length < head.Length) _storedBytes = new byte[Math.Max(1024, head.Length)];
        head.CopyTo(_storedBytes);
        _upstream = null;
        _storedLength = head.Length;
        _storedLimits = limits;
        UpstreamBytes = _storedBytes;
        StatusCode = StoredStatusCode = statusCode;
    }

    public void Reset()
    {
        StatusCode = 0;
        _upstream = null;
        _storedLength = 0;
        UpstreamBytes = [];
        Fields = default;
        Location = default;
        Allow = null;
        Limit = default;
        Cache = default;
        BodyLength = 0;
        Rules = null;
        if (_storedBytes.Length > KeptHeadBytes) _storedBytes = [];
    }

    private ResponseHead ReadStored()
    {
        _upstream = _stored ??= new ResponseHead();
        _stored.Reset();
        // As GET: what the length of an answer to HEAD would be is known.
        ResponseHeadParser.Parse(_storedBytes.AsSpan(0, _storedLength), _stored, RequestMethod.Get, in _storedLimits);
        return _stored;
    }
}
