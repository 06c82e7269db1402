using System.Text.Json;
using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Lambda.Queue;

/// <summary>Two functions with the same code, <c>f</c> behind every path, their queue and what they saw.</summary>
internal sealed class QueuePlace : IAsyncDisposable
{
    private readonly FunctionFolder _code;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dataplane-events-");

    public QueuePlace(string code) => _code = new FunctionFolder().Node(code);

    public string Name { get; init; } = "queue.db";

    /// <summary>More keys of the queue.</summary>
    public string Limits { get; init; } = "";

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public string Yaml(string rules = "", string more = "") =>
        $$"""
        functions:
          f: { {{Function}}, async: { {{rules}} }{{(more.Length == 0 ? "" : ", " + more)}} }
          other: { {{Function}} }
        queue: { path: "{{File(Name)}}"{{Limits}} }
        routes:
          - { id: f, match: { path: "/{path+}" }, to: { function: f, event: raw, invoke: event } }
        """;

    /// <summary>What the functions were called with, in order.</summary>
    public IReadOnlyList<JsonElement> Seen() => Lines("seen");

    /// <summary>The first line of a file that is to come.</summary>
    public async Task<JsonElement> LineAsync(string name)
    {
        await Eventually.HoldsAsync(() => Lines(name).Count > 0, $"a line in {name}");
        return Lines(name)[0];
    }

    public async ValueTask DisposeAsync()
    {
        await _code.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string Function =>
        $$"""
        runtime: nodejs20.x, code: "{{_code.Path}}", handler: index.handler, initTimeout: 60s, timeout: 60s,
            log: off, environment: { SEEN: "{{File("seen")}}" }
        """;

    public IReadOnlyList<JsonElement> Lines(string name)
    {
        if (!System.IO.File.Exists(File(name))) return [];
        using var file = new FileStream(File(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        string text = reader.ReadToEnd();
        // The last one may be half there.
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
