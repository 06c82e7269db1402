using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// Collects every error of one load, in file order. Keeps the first <see cref="Limits.ReportedErrors"/> and counts the
/// rest, so that a hostile file cannot make the report larger than the file. Not thread-safe.
/// </summary>
public sealed class ConfigErrors
{
    private readonly List<ConfigError> _kept = [];
    private SourceMark? _firstDropped;
    private int _dropped;

    public bool Any => _kept.Count > 0;

    /// <summary>True when further errors are only counted: costly suggestions need not be made any more.</summary>
    public bool IsFull => _kept.Count >= Limits.ReportedErrors;

    /// <summary>Errors by file, line and column; the last one says how many more there are, if any.</summary>
    public IReadOnlyList<ConfigError> Items
    {
        get
        {
            var items = _kept
                .OrderBy(error => error.File, StringComparer.Ordinal)
                .ThenBy(error => error.Line)
                .ThenBy(error => error.Column)
                .ToList();
            if (_firstDropped is { } mark)
            {
                items.Add(new ConfigError(
                    mark.File, mark.Line, mark.Column, "", $"and {_dropped} more", "fix the errors above first"));
            }
            return items;
        }
    }

    public void Add(ConfigNode at, NodePath path, string message, string fix)
    {
        // The missing variable was reported where it was read; what its absence breaks would only be noise.
        if (at is ScalarNode { IsUnresolved: true }) return;
        Add(at.Mark, path, message, fix);
    }

    /// <summary>A problem's words may repeat the value, so a secret's problem is told without them.</summary>
    public void Add(ConfigNode at, NodePath path, Problem problem)
    {
        if (at is ScalarNode { IsSecret: true })
            Add(at, path, "the value from the environment or a file is not valid", "check it there; it is not shown");
        else
            Add(at, path, problem.Message, problem.Fix);
    }

    public void Add(SourceMark at, NodePath path, string message, string fix)
    {
        if (IsFull)
        {
            _firstDropped ??= at;
            _dropped++;
            return;
        }
        _kept.Add(new ConfigError(
            at.File, at.Line, at.Column, path.ToString(), Printable(message), Printable(fix)));
    }

    /// <summary>What an operator wrote may be in it, and an error is one line.</summary>
    private static string Printable(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : $"{c}"))
        : text;
}
