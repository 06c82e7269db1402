using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Lambda.Queue;

/// <summary>Events that are answered 202 and run afterwards, on real processes and a real file.</summary>
public sealed class EventInvocationTests
{
    // Says in a file what it was called with; a record that is delivered to it as well.
    private const string Code =
        """
        import { appendFileSync } from 'node:fs';
        export const handler = async (event, context) => {
          appendFileSync(process.env.SEEN, JSON.stringify({ id: context.awsRequestId, event }) + '\n');
          if (event.raise) throw new Error('no luck');
          if (event.wait) await new Promise((r) => setTimeout(r, event.wait));
          return { got: event };
        };
        """;

    [Theory]
    [SocketWire]
    public async Task Event_IsAnswered202AndRuns(Wire wire)
    {
        await using var place = new QueuePlace(Code);
        await using var gateway = await TestGateway.StartAsync(wire, place.Yaml());
        var answer = await FunctionCallTests.PostAsync(gateway, """{"a":1}""");
        Assert.Equal((202, ""), (answer.Status, answer.Text));
        await Eventually.HoldsAsync(() => place.Seen().Count == 1, "the event");
        Assert.Equal("""{"a":1}""", place.Seen()[0].GetProperty("event").GetRawText());
    }

    [Theory]
    [SocketWire]
    public async Task FailedEvent_IsTriedAgainWithItsIdAndThenGivenUp(Wire wire)
    {
        await using var place = new QueuePlace(Code);
        await using var gateway = await TestGateway.StartAsync(
            wire, place.Yaml($$"""retryDelay: 20ms, onFailure: { file: "{{place.File("failed")}}" }"""));
        Assert.Equal(202, (await FunctionCallTests.PostAsync(gateway, """{"raise":1}""")).Status);
        var record = await place.LineAsync("failed");
        var seen = place.Seen();
        Assert.Equal(3, seen.Count);
        Assert.Single(seen.Select(each => each.GetProperty("id").GetString()).Distinct(StringComparer.Ordinal));
        Assert.Equal("1.0", record.GetProperty("version").GetString());
        var context = record.GetProperty("requestContext");
        Assert.Equal(
            (seen[0].GetProperty("id").GetString(), "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST"),
            (context.GetProperty("requestId").GetString(), context.GetProperty("functionArn").GetString()));
        Assert.Equal(
            ("RetriesExhausted", 3),
            (context.GetProperty("condition").GetString(), context.GetProperty("approximateInvokeCount").GetInt32()));
        Assert.Equal("""{"raise":1}""", record.GetProperty("requestPayload").GetRawText());
        Assert.Equal(
            """{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"}""",
            record.GetProperty("responseContext").GetRawText());
        Assert.Equal("no luck", record.GetProperty("responsePayload").GetProperty("errorMessage").GetString());
    }

    [Theory]
    [SocketWire]
    public async Task RecordOfASuccess_GoesToAnotherFunction(Wire wire)
    {
        await using var place = new QueuePlace(Code);
        await using var gateway = await TestGateway.StartAsync(wire, place.Yaml("onSuccess: { function: other }"));
        await FunctionCallTests.PostAsync(gateway, """{"a":1}""");
        await Eventually.HoldsAsync(() => place.Seen().Count == 2, "the record");
        var record = place.Seen()[1].GetProperty("event");
        Assert.Equal("Success", record.GetProperty("requestContext").GetProperty("condition").GetString());
        Assert.Equal(
            """{"statusCode":200,"executedVersion":"$LATEST"}""",
            record.GetProperty("responseContext").GetRawText());
        Assert.Equal("""{"got":{"a":1}}""", record.GetProperty("responsePayload").GetRawText());
    }

    [Theory]
    [SocketWire]
    public async Task DeadLetter_IsTheEventWithWhatWentWrongBesideIt(Wire wire)
    {
        await using var place = new QueuePlace(Code);
        var gateway = TestGateway.Create(wire);
        await using var _ = gateway;
        var peer = gateway.Listen();
        await gateway.StartAsync(
            place.Yaml("retries: 0, deadLetter: { upstream: sink, path: /letters }")
            + $"\nupstreams: {{ sink: {{ endpoints: [ {{ url: \"{peer.Url}\" }} ] }} }}");
        await FunctionCallTests.PostAsync(gateway, """{"raise":1}""");
        // The first time it is not taken: it comes again.
        await using (var first = await peer.AcceptAsync())
        {
            await first.ReadRequestAsync();
            await first.SendAsync("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        await using var second = await peer.AcceptAsync();
        var letter = await second.ReadRequestAsync();
        await second.SendAsync("HTTP/1.1 204 Fine\r\n\r\n");
        Assert.StartsWith("POST /letters HTTP/1.1\r\n", letter.Head, StringComparison.Ordinal);
        Assert.Equal(
            ("200", "no luck", place.Seen()[0].GetProperty("id").GetString()),
            (letter.Field("ErrorCode"), letter.Field("ErrorMessage"), letter.Field("RequestID")));
        Assert.Equal("""{"raise":1}""", letter.Text);
        Assert.Contains("sink did not take", Assert.Single(await gateway.TakeLoggedAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task NoConcurrencyAtAll_GivesUpWithoutACall(Wire wire)
    {
        await using var place = new QueuePlace(Code);
        await using var gateway = await TestGateway.StartAsync(wire, place.Yaml(
            $$"""onFailure: { file: "{{place.File("failed")}}" }""", "concurrency: { reserved: 0 }"));
        Assert.Equal(202, (await FunctionCallTests.PostAsync(gateway, "{}")).Status);
        var record = await place.LineAsync("failed");
        Assert.Equal(
            "ZeroReservedConcurrency", record.GetProperty("requestContext").GetProperty("condition").GetString());
        Assert.Equal(0, record.GetProperty("requestContext").GetProperty("approximateInvokeCount").GetInt32());
        Assert.False(record.TryGetProperty("responsePayload", out var _));
        Assert.Empty(place.Seen());
    }

    [Theory]
    [SocketWire]
    public async Task FullQueue_Refuses(Wire wire)
    {
        await using var place = new QueuePlace(Code) { Limits = ", entries: 1" };
        await using var gateway = await TestGateway.StartAsync(wire, place.Yaml());
        Assert.Equal(202, (await FunctionCallTests.PostAsync(gateway, """{"wait":1500}""")).Status);
        var refused = await FunctionCallTests.PostAsync(gateway, "{}");
        Assert.Equal(429, refused.Status);
        Assert.Contains("\"ConcurrentInvocationLimitExceeded\"", refused.Text, StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task QueueThatCannotBeKept_IsSaidOnceAndAnsweredWith500(Wire wire)
    {
        await using var place = new QueuePlace(Code) { Name = "nowhere/queue.db" };
        await using var gateway = await TestGateway.StartAsync(wire, place.Yaml());
        Assert.Equal(500, (await FunctionCallTests.PostAsync(gateway, "{}")).Status);
        Assert.Equal(500, (await FunctionCallTests.PostAsync(gateway, "{}")).Status);
        Assert.Contains("cannot be used", Assert.Single(await gateway.TakeLoggedAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task AdminListener_ShowsWhatWaits(Wire wire)
    {
        await using var place = new QueuePlace(Code);
        var gateway = (HostedGateway)TestGateway.Create(wire);
        await using var _ = gateway;
        await gateway.StartAsync(place.Yaml("retryDelay: 1h", "concurrency: { maximum: 1 }"));
        await FunctionCallTests.PostAsync(gateway, """{"raise":1}""");
        using var http = new HttpClient { BaseAddress = gateway.AdminAddress };
        JsonElement view = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                view = JsonDocument.Parse(await http.GetStringAsync("/functions/f/queue")).RootElement;
                return view.GetProperty("retries").GetInt32() == 1;
            },
            "the failed attempt");
        Assert.Equal(
            (1, 0, 11),
            (view.GetProperty("entries").GetInt32(), view.GetProperty("running").GetInt32(),
                view.GetProperty("bytes").GetInt32()));
        var entry = Assert.Single(view.GetProperty("waiting").EnumerateArray());
        Assert.Equal(1, entry.GetProperty("attempts").GetInt32());
        Assert.True(
            entry.GetProperty("due").GetDateTimeOffset() - entry.GetProperty("queued").GetDateTimeOffset()
                > TimeSpan.FromMinutes(59));
        string metrics = await http.GetStringAsync("/metrics");
        Assert.Contains("dataplane_function_queue_entries{function=\"f\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("dataplane_function_queue_retries_total{function=\"f\"} 1\n", metrics,
            StringComparison.Ordinal);
    }

    [Theory]
    [SocketWire]
    public async Task GatewayThatStops_LeavesItsEventsToTheNext(Wire wire)
    {
        await using var place = new QueuePlace(Code);
        await using (var gateway = await TestGateway.StartAsync(wire, place.Yaml("retryDelay: 1h")))
        {
            await FunctionCallTests.PostAsync(gateway, """{"raise":1}""");
            await Eventually.HoldsAsync(() => place.Seen().Count == 1, "the first attempt");
        }
        // It is due in an hour: a store that says so now saves the wait.
        using (var store = new DataPlane.Lambda.Queue.QueueStore(place.File("queue.db")))
        {
            var entry = Assert.Single(store.Load());
            Assert.InRange(entry.Attempts, 0, 1);
            store.Update(entry.Id, 0, 2, 0);
        }
        await using var next = await TestGateway.StartAsync(
            wire, place.Yaml($$"""onFailure: { file: "{{place.File("failed")}}" }"""));
        var record = await place.LineAsync("failed");
        Assert.Equal(3, record.GetProperty("requestContext").GetProperty("approximateInvokeCount").GetInt32());
    }

    [Theory]
    [SocketWire]
    public async Task SecondProcessOnTheSameQueue_AddsToItAndTakesItOver(Wire wire)
    {
        await using var place = new QueuePlace(Code);
        await using var second = TestGateway.Create(wire);
        await using (var first = await TestGateway.StartAsync(wire, place.Yaml()))
        {
            await FunctionCallTests.PostAsync(first, "1");
            await Eventually.HoldsAsync(() => place.Seen().Count == 1, "the first one's event");
            await second.StartAsync(place.Yaml());
            Assert.Equal(202, (await FunctionCallTests.PostAsync(second, "2")).Status);
            await FunctionCallTests.PostAsync(first, "3");
            await Eventually.HoldsAsync(() => place.Seen().Count == 2, "the first one's next event");
        }
        await Eventually.HoldsAsync(() => place.Seen().Count == 3, "the second one's event");
        Assert.Equal([1, 3, 2], place.Seen().Select(each => each.GetProperty("event").GetInt32()));
    }
}
