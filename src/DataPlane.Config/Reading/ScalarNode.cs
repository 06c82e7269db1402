using System.Text;

namespace DataPlane.Config.Reading;

/// <summary>A single value, always held as text: the key's reader decides what it means.</summary>
public sealed class ScalarNode : ConfigNode
{
    internal ScalarNode(SourceMark mark, string value, bool isPlain)
        : base(mark)
    {
        Value = value;
        IsPlain = isPlain;
    }

    public string Value { get; }

    /// <summary>
    /// Written without quotes and without substitution: <c>true</c> and <c>5</c> may be typed in JSON.
    /// </summary>
    public bool IsPlain { get; }

    /// <summary>The value came from the environment or a file and is never printed back.</summary>
    public bool IsSecret { get; internal init; }

    /// <summary>The variable or file it names could not be read; that error is already reported.</summary>
    public bool IsUnresolved { get; internal init; }

    public bool IsNull => IsPlain && (Value is "" or "~" or "null" or "Null" or "NULL");

    public override string Description => IsNull ? "nothing" : "a single value";

    /// <summary>The value in quotes for an error message: masked, shortened, control characters escaped.</summary>
    public string Quoted => IsSecret ? "'***'" : Quote(Value);

    internal static string Quote(string value)
    {
        var text = new StringBuilder("'");
        foreach (char c in value.AsSpan(0, Math.Min(value.Length, Limits.QuotedValueLength)))
        {
            if (char.IsControl(c) || char.IsSurrogate(c)) text.Append($"\\u{(int)c:x4}");
            else text.Append(c);
        }
        if (value.Length > Limits.QuotedValueLength) text.Append("...");
        return text.Append('\'').ToString();
    }
}
