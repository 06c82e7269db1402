using System.Net;
using System.Text;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Operators;

/// <summary>
/// A hosted gateway with some of everything an operator looks at, and traffic of every kind: two upstreams of which one
/// is dead, redirects, mocks, errors of all classes, a sampled trace.
/// </summary>
internal sealed class SeenGateway : IAsyncDisposable
{
    public const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private readonly HostedGateway _gateway = new(OperatingSystem.IsLinux() ? Wire.Epoll : Wire.Sockets);
    private readonly FakeUpstream _upstream = FakeUpstream.Start(records: false);

    public HostedGateway Gateway => _gateway;

    public HttpClient Admin { get; private set; } = null!;

    public Uri Address => _gateway.AdminAddress;

    public static async Task<SeenGateway> StartAsync(string more = "")
    {
        var seen = new SeenGateway();
        seen._upstream.AnswerRaw("/bad", "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno");
        seen._upstream.AnswerRaw("/gone", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
        seen._upstream.AnswerRaw("/torn", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", thenClose: true);
        await seen._gateway.StartAsync(
            $$"""
            {{more}}
            upstreams:
              users-api: { endpoints: [ { url: "{{seen._upstream.Url}}" } ] }
              dead: { endpoints: [ { url: "http://127.0.0.1:1" } ] }
            routes:
              - { id: mock, match: { path: /mock, methods: [GET] }, to: { mock: { body: mocked } } }
              - { id: old, match: { path: /old }, to: { redirect: { location: /new, status: 308 } } }
              - { id: dead, match: { path: "/dead/{x}" }, to: { upstream: dead } }
              - { id: all, match: { path: "/{path+}" }, to: { upstream: users-api } }
            """);
        seen.Admin = new HttpClient { BaseAddress = seen.Address };
        return seen;
    }

    /// <summary>One round of traffic.</summary>
    public async Task AskAsync()
    {
        foreach (string path in (string[])["/users", "/bad", "/gone", "/mock", "/old", "/dead/1"])
        {
            await _gateway.AskAsync(
                $"GET {path} HTTP/1.1\r\nHost: a\r\ntraceparent: 00-{TraceId}-b7ad6b7169203331-01\r\n\r\n");
        }
        await _gateway.AskAsync("POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        await _gateway.AskAsync("DELETE /mock HTTP/1.1\r\nHost: a\r\n\r\n");
        await _gateway.AskAsync("broken\r\n\r\n");
    }

    /// <summary>A request slower than any bound that dashboards ask about: 1.2 seconds.</summary>
    public Task AskSlowlyAsync() => _gateway.AskAsync("GET /delay/1300 HTTP/1.1\r\nHost: a\r\n\r\n");

    public async Task<string> PageAsync(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Admin.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }
}
