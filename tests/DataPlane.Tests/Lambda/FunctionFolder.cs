namespace DataPlane.Tests.Lambda;

/// <summary>The code of functions in a temporary folder, and what of a configuration names it.</summary>
internal sealed class FunctionFolder : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dataplane-functions-");

    public string Path => _folder.FullName;

    /// <summary>A Node module whose exports are the handlers.</summary>
    public FunctionFolder Node(string code) => File("index.mjs", code);

    public FunctionFolder Python(string code) => File("app.py", code);

    /// <summary>An executable <c>bootstrap</c>.</summary>
    public FunctionFolder Bootstrap(string script)
    {
        File("bootstrap", script);
        if (OperatingSystem.IsWindows()) return this;
        System.IO.File.SetUnixFileMode(
            System.IO.Path.Combine(Path, "bootstrap"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return this;
    }

    public FunctionFolder File(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        return this;
    }

    /// <summary>One function behind every path, and its name is <c>f</c>.</summary>
    public string Yaml(string runtime, string handler = "index.handler", string more = "", string target = "") =>
        $$"""
        functions:
          f: { runtime: {{runtime}}, code: "{{Path}}", handler: {{handler}}, initTimeout: 60s{{Comma(more)}} }
        routes:
          - { id: f, match: { path: "/{path+}" }, to: { function: f{{Comma(target)}} } }
        """;

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string Comma(string more) => more.Length == 0 ? "" : ", " + more;
}
