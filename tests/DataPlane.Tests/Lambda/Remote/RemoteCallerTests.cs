using System.Text;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Lambda.Queue;

namespace DataPlane.Tests.Lambda.Remote;

/// <summary>Functions somewhere else, called by the gateway's own Invoke API and as destinations of events.</summary>
public sealed class RemoteCallerTests
{
    private const string Keys = "credentials: { accessKey: AKIDTEST, secretKey: secret }";

    [Theory]
    [SocketWire]
    public async Task InvokeApi_HandsOnAndAnswersWhatTheServiceSays(Wire wire)
    {
        await using var gateway = (HostedGateway)TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url));
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        string context = Convert.ToBase64String("""{"custom":{"a":"b"}}"""u8);
        using var asked = Request("""{"a":1}""", ("X-Amz-Log-Type", "Tail"), ("X-Amz-Client-Context", context));
        var answer = client.SendAsync(asked);
        await using (var peer = await service.AcceptAsync())
        {
            var request = await peer.ReadRequestAsync();
            Assert.Equal("POST /2015-03-31/functions/f/invocations HTTP/1.1", request.StatusLine);
            Assert.Equal("""{"a":1}""", request.Text);
            Assert.Equal(("Tail", context), (request.Field("X-Amz-Log-Type"), request.Field("X-Amz-Client-Context")));
            Assert.Contains(
                "SignedHeaders=content-type;host;x-amz-client-context;x-amz-date;x-amz-log-type, ",
                request.Field("Authorization"), StringComparison.Ordinal);
            await peer.SendAsync(
                "HTTP/1.1 200 OK\r\nX-Amz-Function-Error: Unhandled\r\nX-Amz-Executed-Version: 7\r\n"
                + "X-Amz-Log-Result: YQ==\r\nX-Other: no\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{\"e\":2}");
        }
        using var response = await answer;
        Assert.Equal("""{"e":2}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("Unhandled", response.Headers.GetValues("X-Amz-Function-Error").Single());
        Assert.Equal("7", response.Headers.GetValues("X-Amz-Executed-Version").Single());
        Assert.Equal("YQ==", response.Headers.GetValues("X-Amz-Log-Result").Single());
        Assert.False(response.Headers.Contains("X-Other"));
        using var late = Request("{}", ("X-Amz-Invocation-Type", "Event"));
        var queued = client.SendAsync(late);
        await using (var peer = await service.AcceptAsync())
        {
            Assert.Equal("Event", (await peer.ReadRequestAsync()).Field("X-Amz-Invocation-Type"));
            await peer.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        }
        Assert.Equal(202, (int)(await queued).StatusCode);
    }

    [Theory]
    [SocketWire]
    public async Task ServiceThatDoesNotAnswer_IsAnErrorOfTheService(Wire wire)
    {
        await using var gateway = (HostedGateway)TestGateway.Create(wire);
        var service = gateway.Listen();
        await gateway.StartAsync(Yaml(service.Url));
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        var answer = client.SendAsync(Request("{}"));
        await (await service.AcceptAsync()).DisposeAsync();
        using var response = await answer;
        Assert.Equal((500, "ServiceException"), ((int)response.StatusCode, ErrorOf(response)));
        using var missing = await client.PostAsync(
            "/2015-03-31/functions/g/invocations", new StringContent("{}"));
        Assert.Equal((404, "ResourceNotFoundException"), ((int)missing.StatusCode, ErrorOf(missing)));
    }

    [Theory]
    [SocketWire]
    public async Task GatewayThatNamesItself_EndsTheCircle(Wire wire)
    {
        await using var gateway = (HostedGateway)TestGateway.Create(wire);
        await gateway.StartAsync(Yaml("http://127.0.0.1:1"));
        string own = gateway.AdminAddress.ToString().TrimEnd('/');
        await gateway.ReloadAsync(Yaml(own));
        using var client = new HttpClient { BaseAddress = gateway.AdminAddress };
        using var response = await client.SendAsync(Request("{}"));
        Assert.Equal((400, "RecursiveInvocationException"), ((int)response.StatusCode, ErrorOf(response)));
    }

    [Theory]
    [SocketWire]
    public async Task Destination_GetsItsRecordAsAnEvent(Wire wire)
    {
        await using var place = new QueuePlace("export const handler = async (event) => ({ got: event });");
        await using var gateway = TestGateway.Create(wire);
        var service = gateway.Listen();
        string functions = place.Yaml("onSuccess: { function: away }")
            .Replace("functions:\n", $"functions:\n  {Away("away", service.Url)}\n", StringComparison.Ordinal);
        await gateway.StartAsync(functions);
        Assert.Equal(202, (await FunctionCallTests.PostAsync(gateway, """{"a":1}""")).Status);
        // Throttled at first: it comes again.
        await using (var first = await service.AcceptAsync())
        {
            await first.ReadRequestAsync();
            await first.SendAsync("HTTP/1.1 429 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        await using var peer = await service.AcceptAsync();
        var request = await peer.ReadRequestAsync();
        await peer.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal("Event", request.Field("X-Amz-Invocation-Type"));
        Assert.NotNull(request.Field("Authorization"));
        var record = JsonDocument.Parse(request.Text).RootElement;
        Assert.Equal("Success", record.GetProperty("requestContext").GetProperty("condition").GetString());
        Assert.Equal("""{"got":{"a":1}}""", record.GetProperty("responsePayload").GetRawText());
        Assert.Contains("away did not take", Assert.Single(gateway.TakeLogged()), StringComparison.Ordinal);
    }

    private static string Away(string name, string url) =>
        $"{name}: {{ lambda: \"{url}/2015-03-31/functions/f/invocations\", {Keys} }}";

    private static string Yaml(string url) => $"functions:\n  {Away("f", url)}\nroutes: []\n";

    private static HttpRequestMessage Request(string payload, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/2015-03-31/functions/f/invocations")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(payload)),
        };
        foreach (var (name, value) in fields) request.Headers.Add(name, value);
        return request;
    }

    private static string ErrorOf(HttpResponseMessage response) =>
        response.Headers.GetValues("x-amzn-ErrorType").Single();
}
