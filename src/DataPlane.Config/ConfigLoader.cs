using System.Text;
using DataPlane.Config.Binding;
using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// Bytes to a checked configuration, or to every error at once. Never throws for what the file or the overrides say.
/// Any thread; reads the environment and files only through <see cref="ConfigEnvironment"/>.
/// </summary>
public static class ConfigLoader
{
    /// <summary>
    /// Reads a file. <c>overrides</c> are <c>--set</c> keys and values; <c>extensions</c> default to the built-in
    /// targets; <c>before</c> is <see cref="ConfigResult.Kept"/> of an earlier load.
    /// </summary>
    public static ConfigResult Load(
        string file,
        IReadOnlyDictionary<string, string>? overrides,
        ConfigEnvironment environment,
        ConfigExtensions? extensions = null,
        KeptRoutes? before = null)
    {
        byte[] bytes;
        try
        {
            bytes = environment.ReadFile(file, Limits.FileBytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException
            or ArgumentException or NotSupportedException)
        {
            var unreadable = new ConfigError(
                file, 1, 1, "", "the file cannot be read",
                failure is UnauthorizedAccessException ? "let this user read it" : "check that it exists");
            return new ConfigResult(null, null, [unreadable]);
        }
        return Parse(bytes, file, overrides, environment, extensions, before);
    }

    /// <summary>Reads text, such as the embedded demo or what an admin call sent.</summary>
    public static ConfigResult Parse(
        string text,
        string fileName,
        IReadOnlyDictionary<string, string>? overrides = null,
        ConfigEnvironment? environment = null,
        ConfigExtensions? extensions = null) =>
        Parse(Encoding.UTF8.GetBytes(text), fileName, overrides, environment, extensions);

    /// <summary>Reads UTF-8 bytes. Without an environment, variables are unset and no file exists.</summary>
    public static ConfigResult Parse(
        ReadOnlySpan<byte> utf8,
        string fileName,
        IReadOnlyDictionary<string, string>? overrides,
        ConfigEnvironment? environment,
        ConfigExtensions? extensions,
        KeptRoutes? before = null)
    {
        var errors = new ConfigErrors();
        if (utf8.Length > Limits.FileBytes)
        {
            errors.Add(new SourceMark(fileName, 1, 1), "", "the file is larger than 16 MiB", "write a smaller file");
            return new ConfigResult(null, null, errors.Items);
        }
        string? text = SourceText.Decode(utf8, fileName, errors);
        if (text is null) return new ConfigResult(null, null, errors.Items);
        var load = new LoadArguments(
            text, utf8.Length, fileName, overrides, environment ?? ConfigEnvironment.Empty,
            extensions ?? ConfigExtensions.BuiltIn, before);
        try
        {
            return Read(load, isSimple: true);
        }
        catch (NotSimpleYamlException)
        {
            // Of an entry that was left for later, when everything before it was understood.
            return Read(load, isSimple: false);
        }
    }

    private static ConfigResult Read(LoadArguments load, bool isSimple)
    {
        var errors = new ConfigErrors();
        var reader = new IncludeReader(load.Environment, errors, isSimple);
        ConfigNode? root = reader.Read(load.Text, load.File, load.Bytes);
        // What follows a broken place is unknown, so binding what came before it would report keys as missing.
        if (reader.IsBroken) return new ConfigResult(null, null, errors.Items) { Sources = reader.Files };
        var substitution = new Substitution(load.Environment, Path.GetDirectoryName(load.File) ?? "");
        if (load.Overrides is not null) root = new Overrides(substitution, errors).Apply(root, load.Overrides);
        GatewayConfig config = GatewayBinder.Bind(
            root, load.Extensions, load.Environment, load.Before, errors, out KeptRoutes kept);
        return new ConfigResult(errors.Any ? null : config, root, errors.Items)
        {
            Sources = reader.Files,
            Warnings = errors.Any ? [] : ConfigWarnings.Of(config, root),
            Kept = errors.Any ? null : kept,
        };
    }

    private sealed record LoadArguments(
        string Text,
        int Bytes,
        string File,
        IReadOnlyDictionary<string, string>? Overrides,
        ConfigEnvironment Environment,
        ConfigExtensions Extensions,
        KeptRoutes? Before);
}
