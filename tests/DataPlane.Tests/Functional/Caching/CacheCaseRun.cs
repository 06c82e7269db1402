using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>
/// Plays a case: its upstream answers by the number that each request carries and counts what comes, the client looks
/// at what it gets. A pause of the case is one of the test's clock.
/// </summary>
internal sealed class CacheCaseRun(MemoryGateway gateway, CacheCase test)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(3);

    private readonly Dictionary<int, RawResponse> _asked = [];
    private readonly Dictionary<int, DateTimeOffset> _answeredAt = [];
    private readonly Dictionary<int, Dictionary<string, string>> _sent = [];
    private int _count;

    private string Path => $"/test/{test.Id.Replace('=', '-')}";

    /// <summary>What was not as expected, or null.</summary>
    public async Task<string?> PlayAsync(RawPeer client)
    {
        DateTimeOffset lastNow = gateway.Time.GetUtcNow();
        for (int number = 1; number <= test.Steps.Count; number++)
        {
            var step = test.Steps[number - 1];
            await client.SendAsync(RequestOf(step, number, lastNow));
            var response = await client.ReadResponseAsync(step.Method == "HEAD");
            if (FaultOf(step, number, response) is { } fault) return $"request {number}: {fault}";
            lastNow = gateway.Time.GetUtcNow();
            if (step.PausesAfter) await gateway.AdvanceAsync(s_pause);
        }
        return null;
    }

    /// <summary>The upstream's side.</summary>
    public async Task<string?> AnswerAsync(RawResponse request)
    {
        int number = int.Parse(request.Field("Req-Num")!, CultureInfo.InvariantCulture);
        var step = test.Steps[number - 1];
        int count = ++_count;
        _asked[number] = request;
        if (step.PauseSeconds > 0) await gateway.AdvanceAsync(TimeSpan.FromSeconds(step.PauseSeconds));
        if (step.Disconnects) return null;
        var now = gateway.Time.GetUtcNow();
        _answeredAt[number] = now;
        var (code, reason) = step.Status;
        if (step.ExpectedType is { } type && type.EndsWith("validated", StringComparison.Ordinal))
            (code, reason) = IsValidation(request, number) ? (304, "Not Modified") : (999, "304 Not Generated");
        var text = new StringBuilder();
        foreach (var interim in step.Interim) AppendInterim(text, interim);
        text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {code} {reason}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Server-Request-Count: {count}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Client-Request-Count: {number}\r\n");
        var fields = _sent[number] = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in step.ResponseFields)
        {
            string name = field[0].GetString()!;
            string value = step.ValueOf(field, now);
            if (step.HasMagicLocations && name is "Location" or "Content-Location")
                value = value.Length == 0 ? Path : $"{Path}/{value}";
            fields[name] = value;
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }
        string body = code is 204 or 304 || step.Method == "HEAD" ? "" : step.ResponseBody ?? test.Id;
        if (code is not (204 or 304) && step.Method != "HEAD")
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        return text.Append("\r\n").Append(body).ToString();
    }

    private static void AppendInterim(StringBuilder text, JsonElement interim)
    {
        text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {interim[0].GetInt32()} Interim\r\n");
        if (interim.GetArrayLength() > 1)
        {
            foreach (var field in interim[1].EnumerateArray())
                text.Append(CultureInfo.InvariantCulture, $"{field[0].GetString()}: {field[1].GetString()}\r\n");
        }
        text.Append("\r\n");
    }

    private bool IsValidation(RawResponse request, int number)
    {
        if (!_sent.TryGetValue(number - 1, out var before)) return false;
        return (before.TryGetValue("ETag", out string? tag) && request.Field("If-None-Match") == tag)
            || (before.TryGetValue("Last-Modified", out string? time) && request.Field("If-Modified-Since") == time);
    }

    private string RequestOf(CacheStep step, int number, DateTimeOffset lastNow)
    {
        string target = Path + (step.FileName is { } file ? $"/{file}" : "") + (step.Query is { } q ? $"?{q}" : "");
        var text = new StringBuilder($"{step.Method} {target} HTTP/1.1\r\nHost: a\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Test-ID: {test.Id}\r\nReq-Num: {number}\r\n");
        foreach (var field in step.RequestFields)
            text.Append(CultureInfo.InvariantCulture, $"{field[0].GetString()}: {step.ValueOf(field, lastNow)}\r\n");
        if (step.Body.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {step.Body.Length}\r\n");
        return text.Append("\r\n").Append(step.Body).ToString();
    }

    private string? FaultOf(CacheStep step, int number, RawResponse response)
    {
        bool isOfUpstream = int.TryParse(response.Field("Server-Request-Count"), out int count);
        switch (step.ExpectedType)
        {
            // A 304 need not tell.
            case "cached" when !(response.Status == 304 && !isOfUpstream) && !(isOfUpstream && count < number):
                return $"not cached ({response.StatusLine}; {response.Field("Cache-Status")})";
            case "not_cached" when count != number:
                return $"cached ({response.StatusLine}; {response.Field("Cache-Status")})";
            case "lm_validated" when AskedOf(number, "If-Modified-Since") is null:
            case "etag_validated" when AskedOf(number, "If-None-Match") is null:
                return "not validated";
        }
        if (step.ExpectedStatus is { } status && response.Status != status)
            return $"status {response.StatusLine}, not {status}";
        foreach (var field in step.Expected)
        {
            if (FieldFault(step, number, response, field) is { } fault) return fault;
        }
        foreach (var field in step.Missing)
        {
            bool isArray = field.ValueKind == JsonValueKind.Array;
            string? value = response.Field(isArray ? field[0].GetString()! : field.GetString()!);
            if (value is not null && (!isArray || value.Contains(field[1].GetString()!, StringComparison.Ordinal)))
                return $"has {field}";
        }
        bool isAsked = _asked.TryGetValue(number, out var asked);
        if (step.ExpectedMethod is { } method && !(isAsked && asked!.Head.StartsWith(method)))
            return "not asked with the method";
        foreach (var field in step.ExpectedAsked)
        {
            string? value = AskedOf(number, field[0].GetString()!);
            if (value is null || value != field[1].GetString()) return $"the upstream was not asked with {field}";
        }
        return BodyFault(step, response);
    }

    private string? AskedOf(int number, string field) =>
        _asked.TryGetValue(number, out var request) ? request.Field(field) : null;

    private string? FieldFault(CacheStep step, int number, RawResponse response, JsonElement field)
    {
        if (field.ValueKind == JsonValueKind.String)
            return response.Field(field.GetString()!) is null ? $"has no {field}" : null;
        string name = field[0].GetString()!;
        string? value = response.Field(name);
        if (field.GetArrayLength() == 3)
        {
            bool isMore = field[1].GetString() == ">" && int.TryParse(value, out int own) && own > field[2].GetInt32();
            return isMore ? null : $"{name} is {value}, not {field}";
        }
        // Times count from the answer that is stored.
        var since = _answeredAt.Count == 0 ? gateway.Time.GetUtcNow() : _answeredAt[_answeredAt.Keys.Min()];
        string expected = step.ValueOf(field, since);
        return value == expected ? null : $"{name} is {value}, not {expected}";
    }

    private string? BodyFault(CacheStep step, RawResponse response)
    {
        if (!step.ChecksBody || step.Method == "HEAD" || response.Status is 204 or 304 || step.Disconnects) return null;
        if (step.ExpectedText is { } text) return response.Text == text ? null : $"the body is {response.Text}";
        if (step.ExpectedStatus is null) return null;
        string expected = step.ResponseBody ?? test.Id;
        return response.Text == expected ? null : $"the body is {response.Text}";
    }
}
