using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>What was recorded on AWS, by the name of the test it was recorded for.</summary>
internal static class Snapshots
{
    private const string Folder = "aws/localstack-aws-recorded/snapshots/";

    /// <summary>Of one name the last counts, which is the newest.</summary>
    public static bool TryRead(IReadOnlyList<string> files, out List<(string Test, JsonElement Content)> recorded)
    {
        recorded = [];
        foreach (string file in files)
        {
            if (!SharedCorpora.TryRead(Folder + file, out var document)) return false;
            foreach (var test in document.RootElement.EnumerateObject())
            {
                string name = test.Name[(test.Name.IndexOf(".py::", StringComparison.Ordinal) + 5)..];
                recorded.Add((name, test.Value.GetProperty("recorded-content")));
            }
        }
        return true;
    }

    /// <summary>One answer of one test.</summary>
    public static JsonNode Find(
        this List<(string Test, JsonElement Content)> recorded, string test, params ReadOnlySpan<string> path)
    {
        var found = recorded.Last(pair => pair.Test == test).Content;
        foreach (string name in path)
            found = found.ValueKind == JsonValueKind.Array ? found[int.Parse(name)] : found.GetProperty(name);
        return JsonNode.Parse(found.GetRawText())!;
    }
}
