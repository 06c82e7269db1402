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

    private ResponseHead? _stored;
    private byte[] _storedBytes = [];

    public int StatusCode { get; set; }

    /// <summary>Parsed head of the upstream, over <see cref="UpstreamBytes"/>; null for local replies.</summary>
    public ResponseHead? Upstream { get; set; }

    public byte[] UpstreamBytes { get; set; } = [];

    /// <summary>Prerendered <c>Name: value CRLF</c> lines of a local reply.</summary>
    public ReadOnlyMemory<byte> Fields { get; set; }

    /// <summary>A redirect's rendered target, kept in the exchange's scratch; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Location { get; set; }

    /// <summary>Value of Allow on a 405; null for none.</summary>
    public byte[]? Allow { get; set; }

    /// <summary>What a rate limit has to say; nothing by default.</summary>
    public LimitNote Limit { get; set; }

    /// <summary>What the route's cache has to say; nothing by default.</summary>
    public CacheNote Cache { get; set; }

    /// <summary>Body bytes that will be written, or <see cref="UnknownLength"/>.</summary>
    public long BodyLength { get; set; }

    /// <summary>Header rules of the response, applied while the head is written; null for none.</summary>
    public Headers.HeaderRules? Rules { get; set; }

    /// <summary>
    /// Answers with a stored head, of which a copy is made: recorders look at it after its memory has gone back. 0
    /// bytes after the first.
    /// </summary>
    public void TakeStored(ReadOnlySpan<byte> head, in HeadLimits limits)
    {
        _stored ??= new ResponseHead();
        _stored.Reset();
        if (_storedBytes.Length < head.Length) _storedBytes = new byte[Math.Max(1024, head.Length)];
        head.CopyTo(_storedBytes);
        // As GET: what the length of an answer to HEAD would be is known.
        ResponseHeadParser.Parse(head, _stored, RequestMethod.Get, in limits);
        Upstream = _stored;
        UpstreamBytes = _storedBytes;
        StatusCode = _stored.StatusCode;
    }

    public void Reset()
    {
        StatusCode = 0;
        Upstream = null;
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
}
