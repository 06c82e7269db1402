namespace DataPlane.Config.Reading;

/// <summary>
/// Reads a file and what its <c>include</c> names, relative to the file that names it, into one tree. Patterns may have
/// <c>*</c> and <c>?</c> in their last part; what they fit is read in the order of the names' bytes. Bounded in depth,
/// files and bytes. With <paramref name="isSimple"/>, files that <see cref="SimpleYamlReader"/> can read are left to
/// it, and their routes are not read yet.
/// </summary>
internal sealed class IncludeReader(ConfigEnvironment environment, ConfigErrors errors, bool isSimple)
{
    public const string Key = "include";

    private const string LongList = "routes";

    private readonly Dictionary<string, SourceMark> _read = new(StringComparer.Ordinal);
    private readonly List<SourceFile> _files = [];
    private int _depth;
    private long _bytes;

    /// <summary>Every file read, the outermost first.</summary>
    public IReadOnlyList<SourceFile> Files => _files;

    /// <summary>The syntax of a file is broken, so what the configuration holds is not known.</summary>
    public bool IsBroken { get; private set; }

    public ConfigNode? Read(string text, string file, int bytes)
    {
        _bytes += bytes;
        _files.Add(new SourceFile(file, text));
        _read.TryAdd(Normal(file), new SourceMark(file, 1, 1));
        string folder = Path.GetDirectoryName(file) ?? "";
        ConfigNode? root = ReadTree(text, file, new Substitution(environment, folder));
        if (root is not MappingNode mapping || mapping.Find(Key) is not { } include) return root;
        var merge = new TreeMerge(mapping, errors);
        merge.Add(mapping, without: Key);
        _depth++;
        foreach (ScalarNode pattern in Patterns(include.Value))
        {
            foreach (string path in Expand(pattern, folder, file))
            {
                if (ReadIncluded(path, pattern) is MappingNode part) merge.Add(part, without: Key);
            }
        }
        _depth--;
        return merge.Root;
    }

    private ConfigNode? ReadTree(string text, string file, Substitution substitution)
    {
        if (isSimple
            && SimpleYamlReader.TryRead(new SimpleYamlSource(file, text, substitution), LongList) is { } simple)
        {
            return simple;
        }
        ConfigNode? root = new YamlTreeReader(file, substitution, errors).Read(text, out bool isBroken);
        IsBroken |= isBroken;
        return root;
    }

    private IEnumerable<ScalarNode> Patterns(ConfigNode value)
    {
        IReadOnlyList<ConfigNode> items = value is SequenceNode list ? list.Items : [value];
        foreach (ConfigNode item in items)
        {
            if (item is ScalarNode { IsUnresolved: true }) continue;
            if (item is ScalarNode { IsNull: false, Value.Length: > 0 } scalar) yield return scalar;
            else if (item is not ScalarNode { IsNull: true } || value is SequenceNode)
            {
                errors.Add(
                    item, Key, $"is {item.Description}", "write a file, a pattern such as conf.d/*.yaml, or a list");
            }
        }
    }

    private IEnumerable<string> Expand(ScalarNode pattern, string folder, string self)
    {
        string path = Path.Combine(folder, pattern.Value);
        string name = Path.GetFileName(path);
        string parent = Path.GetDirectoryName(path) ?? "";
        if (parent.AsSpan().ContainsAny('*', '?') || name.Length == 0)
        {
            errors.Add(
                pattern, Key, $"{pattern.Quoted} has a wildcard before its last part, or no last part",
                "write it like conf.d/*.yaml, one item for each folder");
            return [];
        }
        if (!name.AsSpan().ContainsAny('*', '?')) return [path];
        try
        {
            // A pattern that fits its own file means the others.
            return environment.ListFiles(parent, name)
                .Where(each => Normal(each) != Normal(self))
                .Order(StringComparer.Ordinal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add(pattern, Key, $"the folder of {pattern.Quoted} cannot be read", "let this user read it");
            return [];
        }
    }

    private ConfigNode? ReadIncluded(string path, ScalarNode pattern)
    {
        if (errors.IsFull) return null;
        if (_read.TryGetValue(Normal(path), out SourceMark first))
        {
            errors.Add(
                pattern, Key, $"{ScalarNode.Quote(path)} is included twice, or includes itself",
                $"it is already read: {first}; remove one");
            return null;
        }
        if (_depth > Limits.IncludeDepth || _files.Count >= Limits.Files)
        {
            errors.Add(
                pattern, Key, $"more than {Limits.Files} files, or {Limits.IncludeDepth} inside each other",
                "include fewer files");
            return null;
        }
        byte[] bytes;
        try
        {
            bytes = environment.ReadFile(path, Limits.FileBytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException
            or ArgumentException or NotSupportedException)
        {
            errors.Add(
                pattern, Key, $"the file {ScalarNode.Quote(path)} cannot be read",
                failure is UnauthorizedAccessException ? "let this user read it" : "check that it exists");
            return null;
        }
        if (_bytes + bytes.Length > Limits.FileBytes)
        {
            errors.Add(pattern, Key, "the files are larger than 16 MiB together", "write smaller files");
            return null;
        }
        _read.Add(Normal(path), pattern.Mark);
        return ReadPart(bytes, path);
    }

    private ConfigNode? ReadPart(byte[] bytes, string path)
    {
        string? text = SourceText.Decode(bytes, path, errors);
        if (text is null)
        {
            IsBroken = true;
            return null;
        }
        ConfigNode? part = Read(text, path, bytes.Length);
        if (part is not null and not MappingNode and not ScalarNode { IsNull: true })
        {
            errors.Add(
                part, "", $"the file is {part.Description}", "write a mapping of sections, such as routes: [...]");
        }
        return part;
    }

    private static string Normal(string path) => Path.GetFullPath(path);
}
