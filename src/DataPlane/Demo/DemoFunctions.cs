using System.Text;
using DataPlane.Config;

namespace DataPlane.Demo;

/// <summary>
/// The functions of the demo, as files that can be edited while it runs, for the runtimes this machine has: the demo
/// needs none of them.
/// </summary>
internal sealed class DemoFunctions : IDisposable
{
    private static readonly (string Name, string File, string Runtime, string Handler, string[] Needs)[] s_all =
    [
        ("node", "index.mjs", "nodejs20.x", "index.handler", ["node"]),
        ("python", "app.py", "python3", "app.handler", ["python3"]),
        ("bash", "bootstrap", "provided.al2023", "", ["bash", "curl", "sed"]),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dataplane-demo-functions-");
    private readonly List<string> _names = [];

    public DemoFunctions()
    {
        foreach (var each in s_all)
        {
            if (!each.Needs.All(IsInstalled)) continue;
            Write(each.Name, each.File);
            _names.Add(each.Name);
        }
    }

    /// <summary>Where the files are.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Those there are, which are also the first segments of their routes.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Routes and functions, to follow the demo's own configuration, which ends in its routes.</summary>
    public string Yaml
    {
        get
        {
            if (_names.Count == 0) return "";
            var text = new StringBuilder("\n");
            foreach (string name in _names)
            {
                text.Append($"  - id: {name}\n    match: {{ path: \"/{name}/{{name}}\", methods: [GET] }}\n");
                text.Append($"    to: {{ function: {name} }}\n");
            }
            text.Append("\nfunctions:\n");
            foreach (var each in s_all.Where(each => _names.Contains(each.Name, StringComparer.Ordinal)))
            {
                string handler = each.Handler.Length == 0 ? "" : $", handler: {each.Handler}";
                text.Append($"  {each.Name}: {{ runtime: {each.Runtime}, code: \"{Folder}/{each.Name}\"{handler} }}\n");
            }
            return text.ToString();
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));

    private void Write(string name, string file)
    {
        string path = Path.Combine(_folder.CreateSubdirectory(name).FullName, file);
        using (var source = typeof(DemoFunctions).Assembly.GetManifestResourceStream($"DataPlane.Demo.{name}")!)
        using (var target = File.Create(path))
        {
            source.CopyTo(target);
        }
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
