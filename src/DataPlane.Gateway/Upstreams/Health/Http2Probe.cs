using System.Globalization;
using System.Net;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams.Http2;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// Asks an endpoint over the HTTP/2 connections its exchanges use: with GET, or by gRPC's health checking protocol
/// (grpc/doc/health-checking.md). Loop thread; cold.
/// </summary>
internal sealed class Http2Probe(
    UpstreamEndpoint endpoint, ActiveHealthConfig config, Http2Clients clients, TimeProvider time) : IHealthProbe
{
    private const int Serving = 1;

    public async Task<ProbeOutcome> RunAsync()
    {
        using var deadline = new CancellationTokenSource(config.Timeout, time);
        try
        {
            var client = clients.Of(endpoint);
            using var request = config.GrpcService is { } service ? Call(client, service) : Get(client);
            using var response = await client.SendAsync(request, deadline.Token);
            return config.GrpcService is null
                ? await JudgeAsync(response, deadline.Token)
                : await JudgeCallAsync(response, deadline.Token);
        }
        catch (Exception) when (deadline.IsCancellationRequested)
        {
            string seconds = config.Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            return new ProbeOutcome(CheckResult.TimedOut, $"no answer within {seconds} s");
        }
        catch (Exception fault) when (Http2Fault.Of(fault) is { } meaning)
        {
            return meaning is ExchangeOutcome.UpstreamConnectFailed or ExchangeOutcome.UpstreamConnectTimeout
                or ExchangeOutcome.UpstreamTlsFailed
                ? new ProbeOutcome(CheckResult.ConnectFailed, "the connect failed")
                : new ProbeOutcome(CheckResult.BadAnswer, $"its answer broke off: {ErrorTable.Of(meaning).Label}");
        }
    }

    public void Close()
    {
        // The connections are the exchanges'.
    }

    private HttpRequestMessage Get(Http2Client client)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, client.Origin + config.Path);
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        return Prepare(request);
    }

    private HttpRequestMessage Call(Http2Client client, string service)
    {
        var content = new ByteArrayContent(HealthMessages.Request(service));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, $"{client.Origin}/grpc.health.v1.Health/Check")
        {
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-timeout", $"{(int)config.Timeout.TotalMilliseconds}m");
        return Prepare(request);
    }

    private HttpRequestMessage Prepare(HttpRequestMessage request)
    {
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Headers.TryAddWithoutValidation("User-Agent", "dataplane-health");
        if (config.Host is not null) request.Headers.Host = config.Host;
        return request;
    }

    private async Task<ProbeOutcome> JudgeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        int code = (int)response.StatusCode;
        string status = code.ToString(CultureInfo.InvariantCulture);
        if (!config.ExpectedStatuses.Any(range => code >= range.First && code <= range.Last))
            return new ProbeOutcome(CheckResult.UnexpectedStatus, $"it answered with status {status}");
        byte[] body = await ReadAsync(response, cancellation);
        bool isExpected = config.ExpectedText is not { } text
            || body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
        return isExpected
            ? new ProbeOutcome(CheckResult.Success, $"it answered with status {status}")
            : new ProbeOutcome(CheckResult.UnexpectedBody, "its answer lacks the expected text");
    }

    private static async Task<ProbeOutcome> JudgeCallAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        byte[] body = await ReadAsync(response, cancellation);
        string? status = Field(response.TrailingHeaders) ?? Field(response.Headers);
        if ((int)response.StatusCode != 200 || status is null)
            return new ProbeOutcome(CheckResult.BadAnswer, "its answer is not gRPC");
        if (status != "0")
            return new ProbeOutcome(CheckResult.UnexpectedStatus, $"it answered with gRPC status {status}");
        return HealthMessages.ServingStatus(body) == Serving
            ? new ProbeOutcome(CheckResult.Success, "it is serving")
            : new ProbeOutcome(CheckResult.UnexpectedBody, "it says that it is not serving");
    }

    private static string? Field(System.Net.Http.Headers.HttpHeaders fields) =>
        fields.NonValidated.TryGetValues("grpc-status", out var values) ? values.ToString() : null;

    /// <summary>At most <see cref="Limits.HealthAnswerBytes"/>.</summary>
    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = new byte[4096];
        int count;
        while (body.Length < Limits.HealthAnswerBytes && (count = await stream.ReadAsync(buffer, cancellation)) > 0)
            body.Write(buffer, 0, count);
        return body.ToArray();
    }
}
