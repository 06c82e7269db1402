namespace DataPlane.Tests.Http.Corpora;

/// <summary>Where we answer otherwise than strict llhttp, by the last part of the vector's section: what we say (null
/// is acceptance) and why. A difference that is not here fails the test, and so does an entry that is none.</summary>
internal static class LlhttpDifferences
{
    private const string Closes = "that the connection closes after the message is the connection's affair";
    private const string Lenient = "a leniency about what follows a message, which a head parser does not see";
    private const string AnyToken = "RFC 9110 9.1: any token is a method; the upstream answers 405 or 501";
    private const string OtherProtocol = "not HTTP";
    private const string OneEmptyLine = "RFC 9112 2.2 forgives one empty line before a request, and none elsewhere";
    private const string Fragment = "RFC 9112 3.2: a target has no fragment, so what follows # is read differently";
    private const string NotChunked = "RFC 9112 6.1: unknown or misplaced codings are refused, not read until close";

    public static readonly Dictionary<string, (string? Ours, string Reason)> Requests = new(StringComparer.Ordinal)
    {
        ["No restart when keep-alive is off (1.0)"] = (null, Closes),
        ["Resetting flags when keep-alive is off (1.0, lenient)"] = (null, Lenient),
        ["CRLF between requests, implicit `keep-alive`"] = ("BadMethod", OneEmptyLine),
        ["HTTP protocol and ANNOUNCE method"] = (null, AnyToken),
        ["Invalid method"] = (null, AnyToken),
        ["Invalid HTTP version"] = (null, "the line is cut; 505 needs a well-formed version, so its end"),
        ["M-SEARCH request"] = ("BadTargetForm", "RFC 9112 3.2.4: the asterisk-form is for OPTIONS only"),
        ["SOURCE request with ICE"] = ("BadVersion", OtherProtocol),
        ["OPTIONS request with RTSP"] = ("BadVersion", OtherProtocol),
        ["ANNOUNCE request with RTSP"] = ("BadVersion", OtherProtocol),
        ["curl GET"] = ("BadHost", "0.0.0.0=5000 is no host and port"),
        ["Firefox GET"] = ("BadHost", "0.0.0.0=5000 is no host and port"),
        ["No HTTP version"] = ("MissingVersion", "HTTP/0.9 is not spoken"),
        ["POST with `chunked` as last transfer-encoding"] = ("BadTargetByte", Fragment),
        ["POST with `chunked` as last transfer-encoding (multiple headers)"] = ("BadTargetByte", Fragment),
        ["Quotes in URI"] = ("BadTargetByte", "RFC 3986 2: a quote must be escaped"),
        ["Fragment in URI"] = ("BadTargetByte", Fragment),
        ["`host:port` and basic auth"] = ("BadAuthority", "RFC 9110 4.2.4: user information is not sent"),
    };

    public static readonly Dictionary<string, (string? Ours, string Reason)> Responses = new(StringComparer.Ordinal)
    {
        ["HTTP/1.1 with keep-alive disabled and 204 status"] = (null, Closes),
        ["HTTP/1.1 with keep-alive disabled and 204 status (lenient)"] = (null, Lenient),
        ["HTTP 304 with Content-Length"] = ("BadVersion", OneEmptyLine),
        ["HTTP 100 first, then 400"] = ("BadVersion", OneEmptyLine),
        ["Should parse multiple events"] = ("BadVersion", OneEmptyLine),
        ["Response starting with CRLF"] = ("BadVersion", OneEmptyLine),
        ["RTSP response"] = ("BadVersion", OtherProtocol),
        ["ICE response"] = ("BadVersion", OtherProtocol),
        ["HTTP version 0.9"] = ("UnsupportedVersion", "only HTTP/1.x has this syntax"),
        ["`chunked` before other transfer-encoding"] = ("BadTransferEncoding", NotChunked),
        ["multiple transfer-encoding where chunked is not the last one"] = ("DuplicateTransferEncoding", NotChunked),
        ["`chunkedchunked` transfer-encoding does not enable chunked enconding"] = ("BadTransferEncoding", NotChunked),
    };
}
