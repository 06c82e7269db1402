using System.Text;

namespace DataPlane.Config.Reading;

/// <summary>
/// Replaces <c>${NAME}</c>, <c>${NAME:-default}</c> and <c>${file:PATH}</c> in one scalar; <c>$$</c> is a dollar sign.
/// The result is text and is never parsed as YAML again, so a variable cannot add keys. Relative paths start at the
/// configuration file's folder; one final line end of a file is dropped, as editors and secret stores add it.
/// </summary>
internal sealed class Substitution(ConfigEnvironment environment, string folder)
{
    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    public static bool IsNeeded(ReadOnlySpan<char> value) => value.Contains('$');

    public ScalarNode Apply(SourceMark mark, string value, bool isPlain, Func<NodePath> path, ConfigErrors errors)
    {
        if (!IsNeeded(value)) return new ScalarNode(mark, value, isPlain);
        var text = new StringBuilder();
        bool replaced = false;
        int at = 0;
        while (at < value.Length)
        {
            int dollar = value.IndexOf('$', at);
            if (dollar < 0 || dollar == value.Length - 1) break;
            text.Append(value, at, dollar - at);
            char next = value[dollar + 1];
            if (next != '{')
            {
                // A lone dollar is itself; of two, one stays.
                text.Append('$');
                at = dollar + (next == '$' ? 2 : 1);
                continue;
            }
            int end = value.IndexOf('}', dollar);
            Problem? problem = null;
            string? content = end < 0 ? null : Resolve(value[(dollar + 2)..end], out problem);
            if (content is null)
            {
                problem ??= new Problem("'${' has no closing '}'", "close it, or write '$${' for a literal '${'");
                errors.Add(mark, path(), problem.Message, problem.Fix);
                return new ScalarNode(mark, "", isPlain: false) { IsUnresolved = true };
            }
            replaced = true;
            text.Append(content);
            at = end + 1;
        }
        text.Append(value, at, value.Length - at);
        return new ScalarNode(mark, text.ToString(), isPlain && !replaced) { IsSecret = replaced };
    }

    private string? Resolve(string reference, out Problem? problem)
    {
        if (reference.StartsWith("file:", StringComparison.Ordinal)) return ReadSecret(reference[5..], out problem);
        problem = null;
        int separator = reference.IndexOf(":-", StringComparison.Ordinal);
        string name = separator < 0 ? reference : reference[..separator];
        if (!IsVariableName(name))
        {
            problem = new Problem(
                $"{ScalarNode.Quote("${" + reference + "}")} is not a variable",
                "write ${NAME}, ${NAME:-default} or ${file:/path}, or '$${' for a literal '${'");
            return null;
        }
        string? value = environment.Variable(name);
        // As in a shell, ':-' also stands in for a variable that is set but empty.
        if (separator >= 0) return string.IsNullOrEmpty(value) ? reference[(separator + 2)..] : value;
        if (value is null)
        {
            problem = new Problem(
                $"the environment variable {name} is not set", $"set it, or write ${{{name}:-default}}");
        }
        return value;
    }

    private string? ReadSecret(string path, out Problem? problem)
    {
        problem = null;
        try
        {
            byte[] bytes = environment.ReadFile(Path.Combine(folder, path), Limits.SecretFileBytes);
            if (bytes.Length > Limits.SecretFileBytes)
            {
                problem = new Problem($"the file {ScalarNode.Quote(path)} is larger than 1 MiB", "name a smaller file");
                return null;
            }
            string text = s_strictUtf8.GetString(bytes);
            if (text.EndsWith("\r\n", StringComparison.Ordinal)) return text[..^2];
            return text.EndsWith('\n') ? text[..^1] : text;
        }
        catch (DecoderFallbackException)
        {
            problem = new Problem($"the file {ScalarNode.Quote(path)} is not UTF-8 text", "name a text file");
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException
            or ArgumentException or NotSupportedException)
        {
            problem = new Problem($"the file {ScalarNode.Quote(path)} cannot be read", FixOf(failure));
            return null;
        }
    }

    private static string FixOf(Exception failure) => failure switch
    {
        UnauthorizedAccessException => "let this user read it",
        FileNotFoundException or DirectoryNotFoundException => "check that it exists",
        _ => "check that it is a file",
    };

    private static bool IsVariableName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
