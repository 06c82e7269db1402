using System.Net;
using System.Text.Json;
using DataPlane.Gateway.Compilation.Explaining;

namespace DataPlane.Hosting;

/// <summary>
/// The body of <c>POST /explain</c>. A header's value is a string, or a list of them. Set, not initialised: generated
/// readers would put null where a key is absent.
/// </summary>
internal sealed record ExplainBody
{
    public string Method { get; set; } = "GET";

    public string? Url { get; set; }

    public Dictionary<string, JsonElement> Headers { get; set; } = [];

    /// <summary>The address of the client it is taken for; loopback when absent.</summary>
    public string? Client { get; set; }

    /// <summary>Null, and what is wrong, when it is no request.</summary>
    public ExplainedRequest? ToRequest(out string problem)
    {
        problem = "";
        var client = IPAddress.Loopback;
        if (string.IsNullOrEmpty(Url))
            problem = "url is required, such as http://api.example.com/users/42";
        else if (Client is not null && !IPAddress.TryParse(Client, out client))
            problem = "client is an IP address";
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, value) in Headers)
        {
            if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
            {
                problem = $"the header {name} is a string, or a list of strings";
                break;
            }
            var values = value.ValueKind == JsonValueKind.String ? [value] : value.EnumerateArray().ToList();
            headers.AddRange(values.Select(each => KeyValuePair.Create(name, each.ToString())));
        }
        return problem.Length > 0 ? null : new ExplainedRequest(Method, Url!, headers) { Client = client! };
    }
}
