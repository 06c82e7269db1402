using System.Collections.Immutable;
using System.Text;
using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// A line of the access log with variables in it, by the names API Gateway has for them: <c>$context.requestId</c>,
/// <c>$request.header.X-Tenant</c>. Parsed once. Immutable; any thread.
/// </summary>
public sealed class LogTemplate
{
    private const string HeaderPrefix = "request.header.";
    private const string QueryPrefix = "request.querystring.";
    private const string CapturePrefix = "request.path.";

    // AWS: "Variables for access logging" of REST and HTTP APIs; the second half are the gateway's own.
    private static readonly Dictionary<string, LogVariable> s_variables = new(StringComparer.Ordinal)
    {
        ["context.requestId"] = LogVariable.RequestId,
        ["context.extendedRequestId"] = LogVariable.RequestId,
        ["context.requestTime"] = LogVariable.Time,
        ["context.requestTimeEpoch"] = LogVariable.TimeEpochMs,
        ["context.identity.sourceIp"] = LogVariable.ClientAddress,
        ["context.identity.userAgent"] = LogVariable.UserAgent,
        ["context.identity.caller"] = LogVariable.Absent,
        ["context.identity.user"] = LogVariable.Absent,
        ["context.identity.userArn"] = LogVariable.Absent,
        ["context.identity.accountId"] = LogVariable.Absent,
        ["context.accountId"] = LogVariable.Absent,
        ["context.apiId"] = LogVariable.Absent,
        ["context.stage"] = LogVariable.Absent,
        ["context.httpMethod"] = LogVariable.Method,
        ["context.domainName"] = LogVariable.Host,
        ["context.path"] = LogVariable.Path,
        ["context.resourcePath"] = LogVariable.Route,
        ["context.resourceId"] = LogVariable.Route,
        ["context.routeKey"] = LogVariable.Route,
        ["context.protocol"] = LogVariable.Protocol,
        ["context.status"] = LogVariable.Status,
        ["context.responseLength"] = LogVariable.BytesSent,
        ["context.responseLatency"] = LogVariable.TotalMs,
        ["context.integrationLatency"] = LogVariable.UpstreamMs,
        ["context.integration.latency"] = LogVariable.UpstreamMs,
        ["context.integrationStatus"] = LogVariable.UpstreamStatus,
        ["context.integration.status"] = LogVariable.UpstreamStatus,
        ["context.integrationErrorMessage"] = LogVariable.ErrorText,
        ["context.integration.error"] = LogVariable.ErrorText,
        ["context.error.message"] = LogVariable.ErrorText,
        ["context.error.responseType"] = LogVariable.ErrorLabel,
        ["context.xrayTraceId"] = LogVariable.XRayTraceId,
        ["context.tlsVersion"] = LogVariable.TlsVersion,
        ["context.cipherSuite"] = LogVariable.TlsCipherSuite,
        ["context.identity.clientCert.subjectDN"] = LogVariable.CertificateSubject,
        ["context.identity.clientCert.issuerDN"] = LogVariable.CertificateIssuer,
        ["context.identity.clientCert.serialNumber"] = LogVariable.CertificateSerialNumber,
        ["context.identity.clientCert.validity.notBefore"] = LogVariable.CertificateNotBefore,
        ["context.identity.clientCert.validity.notAfter"] = LogVariable.CertificateNotAfter,
        ["context.identity.vpceId"] = LogVariable.ProxyVpcEndpoint,
        ["context.host"] = LogVariable.Host,
        ["context.query"] = LogVariable.Query,
        ["context.route"] = LogVariable.Route,
        ["context.upstream"] = LogVariable.Upstream,
        ["context.endpoint"] = LogVariable.Endpoint,
        ["context.tries"] = LogVariable.Tries,
        ["context.grpcStatus"] = LogVariable.GrpcStatus,
        ["context.requestLength"] = LogVariable.BytesReceived,
        ["context.ownLatency"] = LogVariable.OwnMs,
        ["context.connectLatency"] = LogVariable.ConnectMs,
        ["context.firstByteLatency"] = LogVariable.FirstByteMs,
        ["context.cache"] = LogVariable.Cache,
        ["context.outcome"] = LogVariable.Outcome,
        ["context.side"] = LogVariable.Side,
        ["context.traceId"] = LogVariable.TraceId,
        ["context.time"] = LogVariable.TimeRfc3339,
        ["context.timeEpoch"] = LogVariable.TimeEpoch,
        ["context.tls.serverName"] = LogVariable.TlsServerName,
        ["context.tls.alpn"] = LogVariable.TlsProtocol,
        ["context.identity.clientCert.fingerprint"] = LogVariable.CertificateFingerprint,
        ["context.proxy.version"] = LogVariable.ProxyVersion,
        ["context.proxy.peer"] = LogVariable.ProxyPeer,
        ["context.proxy.alpn"] = LogVariable.ProxyAlpn,
        ["context.proxy.authority"] = LogVariable.ProxyAuthority,
        ["context.proxy.uniqueId"] = LogVariable.ProxyUniqueId,
        ["context.proxy.tlsVersion"] = LogVariable.ProxyTlsVersion,
        ["context.proxy.cipherSuite"] = LogVariable.ProxyTlsCipherSuite,
        ["context.proxy.commonName"] = LogVariable.ProxyCommonName,
    };

    private LogTemplate(string text, ImmutableArray<LogTemplatePart> parts)
    {
        Text = text;
        Parts = parts;
    }

    public string Text { get; }

    public ImmutableArray<LogTemplatePart> Parts { get; }

    /// <summary>The line is a JSON object: values are escaped for its strings.</summary>
    public bool IsJson => Text.AsSpan().TrimStart().StartsWith("{");

    /// <summary>Every <c>$context</c> variable, without the dollar sign.</summary>
    public static IEnumerable<string> Names => s_variables.Keys;

    /// <summary>Null, and what is wrong, when the text is not a template.</summary>
    public static LogTemplate? TryParse(string text, out Problem problem)
    {
        problem = new Problem("", "");
        if (text.Length > Limits.LogTemplateLength)
        {
            problem = new Problem($"is longer than {Limits.LogTemplateLength} characters", "write a shorter line");
            return null;
        }
        if (text.Any(char.IsControl))
        {
            problem = new Problem("contains a control character", "write one line; its end is added");
            return null;
        }
        var parts = ImmutableArray.CreateBuilder<LogTemplatePart>();
        var literal = new StringBuilder();
        for (int at = 0; at < text.Length;)
        {
            if (text[at] != '$' || NameAt(text, at + 1) is not { Length: > 0 } name)
            {
                literal.Append(text[at++]);
                continue;
            }
            if (Find(name, ref problem) is not { } part) return null;
            if (literal.Length > 0) parts.Add(new LogTemplatePart(LogVariable.Literal, literal.ToString()));
            literal.Clear();
            parts.Add(part);
            at += 1 + name.Length;
        }
        if (literal.Length > 0) parts.Add(new LogTemplatePart(LogVariable.Literal, literal.ToString()));
        return new LogTemplate(text, parts.ToImmutable());
    }

    public override string ToString() => Text;

    /// <summary>
    /// The letters, digits and dots behind a dollar sign, and what else the names of fields may have. A dot at the end
    /// is a full stop; what starts with a digit is an amount.
    /// </summary>
    private static string NameAt(string text, int start)
    {
        int end = start;
        if (end == text.Length || !char.IsAsciiLetter(text[end])) return "";
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '_')) end++;
        string name = text[start..end];
        if (IsOpen(name))
        {
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '_' or '-')) end++;
        }
        return text[start..end].TrimEnd('.', '-');
    }

    private static LogTemplatePart? Find(string name, ref Problem problem)
    {
        if (s_variables.TryGetValue(name, out var variable)) return new LogTemplatePart(variable, "");
        if (Behind(name, HeaderPrefix) is { } header) return new LogTemplatePart(LogVariable.Header, header);
        if (Behind(name, QueryPrefix) is { } query) return new LogTemplatePart(LogVariable.QueryParameter, query);
        if (Behind(name, CapturePrefix) is { } capture) return new LogTemplatePart(LogVariable.Capture, capture);
        string? near = NearestName.Find(name, s_variables.Keys)
            ?? NearestName.Find("context." + name, s_variables.Keys);
        string fix = near is { } nearest
            ? $"did you mean '${nearest}'?"
            : $"write a variable of docs/logging.md, such as $context.status, ${HeaderPrefix}NAME, "
                + $"${QueryPrefix}NAME or ${CapturePrefix}NAME";
        problem = new Problem($"unknown variable {ScalarNode.Quote("$" + name)}", fix);
        return null;
    }

    private static bool IsOpen(string name) =>
        name.StartsWith(HeaderPrefix, StringComparison.Ordinal)
        || name.StartsWith(QueryPrefix, StringComparison.Ordinal)
        || name.StartsWith(CapturePrefix, StringComparison.Ordinal);

    private static string? Behind(string name, string prefix) =>
        name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;
}
