using System.Globalization;
using System.Text.Json;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>One request of a case, with the upstream's answer and what the client is to see.</summary>
internal sealed class CacheStep(JsonElement json)
{
    public string Method => Text("request_method") ?? "GET";

    public string Body => Text("request_body") ?? "";

    public string? ResponseBody => Text("response_body");

    public string? ExpectedText => Text("expected_response_text");

    public string? ExpectedType => Text("expected_type");

    public string? ExpectedMethod => Text("expected_method");

    public string? FileName => Text("filename");

    public string? Query => Text("query_arg");

    public bool PausesAfter => Flag("pause_after");

    public bool Disconnects => Flag("disconnect");

    public bool ChecksBody => !json.TryGetProperty("check_body", out var checks) || checks.GetBoolean();

    public bool HasMagicTimes => Flag("magic_ims");

    public bool HasMagicLocations => Flag("magic_locations");

    public int PauseSeconds => json.TryGetProperty("response_pause", out var pause) ? pause.GetInt32() : 0;

    /// <summary>Null: any; the status of the answer when nothing is said.</summary>
    public int? ExpectedStatus
    {
        get
        {
            if (json.TryGetProperty("expected_status", out var expected))
                return expected.ValueKind == JsonValueKind.Null ? null : expected.GetInt32();
            return Status.Code;
        }
    }

    public (int Code, string Reason) Status => json.TryGetProperty("response_status", out var status)
        ? (status[0].GetInt32(), status[1].GetString() ?? "")
        : (200, "OK");

    public IEnumerable<JsonElement> RequestFields => Items("request_headers");

    public IEnumerable<JsonElement> ResponseFields => Items("response_headers");

    public IEnumerable<JsonElement> Expected => Items("expected_response_headers");

    public IEnumerable<JsonElement> Missing => Items("expected_response_headers_missing");

    public IEnumerable<JsonElement> ExpectedAsked => Items("expected_request_headers");

    public IEnumerable<JsonElement> Interim => Items("interim_responses");

    public bool ExpectsInterim => json.TryGetProperty("expected_interim_responses", out _);

    public bool IsOldFormat(string field) => Items("rfc850date").Any(
        name => string.Equals(name.GetString(), field, StringComparison.OrdinalIgnoreCase));

    /// <summary>A number is a time from <paramref name="now"/> on, in seconds.</summary>
    public string ValueOf(JsonElement field, DateTimeOffset now)
    {
        var value = field[1];
        if (value.ValueKind != JsonValueKind.Number) return value.GetString()!;
        var time = now.AddSeconds(value.GetInt32());
        return IsOldFormat(field[0].GetString()!)
            ? time.ToString("dddd, dd-MMM-yy HH:mm:ss 'GMT'", CultureInfo.InvariantCulture)
            : time.ToString("R", CultureInfo.InvariantCulture);
    }

    private IEnumerable<JsonElement> Items(string key) =>
        json.TryGetProperty(key, out var items) ? items.EnumerateArray() : [];

    private string? Text(string key) => json.TryGetProperty(key, out var text) ? text.GetString() : null;

    private bool Flag(string key) => json.TryGetProperty(key, out var flag) && flag.GetBoolean();
}
