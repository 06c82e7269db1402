using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// The response head before the sink has written it. Either <see cref="Upstream"/> carries the fields (a proxied
/// response), or <see cref="Fields"/> does (a local reply). One per exchange, reused.
/// </summary>
public sealed class ResponseDraft
{
    public const long UnknownLength = -1;

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

    /// <summary>Body bytes that will be written, or <see cref="UnknownLength"/>.</summary>
    public long BodyLength { get; set; }

    /// <summary>Header rules of the response, applied while the head is written; null for none.</summary>
    public Headers.HeaderRules? Rules { get; set; }

    public void Reset()
    {
        StatusCode = 0;
        Upstream = null;
        UpstreamBytes = [];
        Fields = default;
        Location = default;
        Allow = null;
        Limit = default;
        BodyLength = 0;
        Rules = null;
    }
}
