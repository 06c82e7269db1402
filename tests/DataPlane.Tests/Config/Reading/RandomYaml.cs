using System.Text;

namespace DataPlane.Tests.Config.Reading;

/// <summary>Writes a random tree in the ways people and programs do; the same for the same seed.</summary>
internal sealed class RandomYaml(int seed)
{
    private static readonly string[] s_scalars =
    [
        "a", "/users/{id}", "\"{id}\"", "'it''s'", "\"x\\\"y\"", "http://a:1/b?c", "-1", "0.5", "true", "~", "x y",
        "\"\"", "a#b", "\"# no note\"", "\"a: b\"", "é", "a:b", "500ms", "'*'", "[]", "{}",
    ];

    private readonly Random _random = new(seed);
    private readonly StringBuilder _text = new();
    private int _keys;

    public string Write()
    {
        if (_random.Next(4) == 0) Flow(depth: 0, indent: 0, isJson: true);
        else Mapping(indent: 0, depth: 0);
        return _text.ToString();
    }

    private string Key() => _keys++ == 2 ? "routes" : $"key-{_keys}";

    private string Scalar()
    {
        string scalar = s_scalars[_random.Next(s_scalars.Length)];
        // In brackets some texts need quotes; these do everywhere.
        return scalar;
    }

    private void Mapping(int indent, int depth)
    {
        for (int left = _random.Next(1, 5); left > 0; left--)
        {
            Note(indent);
            _text.Append(' ', indent).Append(Key()).Append(':');
            Value(indent, depth);
        }
    }

    private void Value(int indent, int depth)
    {
        int deeper = indent + _random.Next(1, 4);
        switch (depth > 3 ? _random.Next(3) : _random.Next(7))
        {
            case 0:
                EndLine();
                break;
            case 1 or 2:
                _text.Append(' ', _random.Next(1, 3)).Append(Scalar());
                EndLine();
                break;
            case 3:
                _text.Append(' ');
                Flow(depth, indent, isJson: false);
                EndLine();
                break;
            case 4:
                EndLine();
                Mapping(deeper, depth + 1);
                break;
            default:
                EndLine();
                List(_random.Next(2) == 0 ? indent : deeper, depth + 1);
                break;
        }
    }

    private void List(int indent, int depth)
    {
        for (int left = _random.Next(1, 4); left > 0; left--)
        {
            Note(indent);
            _text.Append(' ', indent).Append('-');
            int gap = _random.Next(1, 4);
            switch (depth > 3 ? 0 : _random.Next(5))
            {
                case 0:
                    _text.Append(' ', gap).Append(Scalar());
                    EndLine();
                    break;
                case 1:
                    EndLine();
                    Mapping(indent + gap, depth + 1);
                    break;
                case 2:
                    _text.Append(' ', gap);
                    Flow(depth, indent, isJson: false);
                    EndLine();
                    break;
                default:
                    _text.Append(' ', gap).Append(Key()).Append(':');
                    Value(indent + 1 + gap, depth + 1);
                    Mapping(indent + 1 + gap, depth + 1);
                    break;
            }
        }
    }

    private void Flow(int depth, int indent, bool isJson)
    {
        bool isList = depth > 0 && _random.Next(2) == 0;
        _text.Append(isList ? '[' : '{');
        int count = _random.Next(4);
        for (int each = 0; each < count; each++)
        {
            if (each > 0) _text.Append(',');
            Gap(indent, isJson);
            if (!isList) _text.Append(isJson || _random.Next(2) == 0 ? $"\"{Key()}\":" : $"{Key()}: ");
            if (!isList && isJson && _random.Next(2) == 0) _text.Append(' ');
            if (depth < 4 && _random.Next(3) == 0) Flow(depth + 1, indent, isJson);
            else _text.Append(isJson ? JsonScalar() : FlowScalar());
        }
        Gap(indent, isJson);
        _text.Append(isList ? ']' : '}');
    }

    private string JsonScalar() => _random.Next(4) switch
    {
        0 => "null",
        1 => "-12.5",
        2 => "\"a \\\"b\\\" {c} [d], e: #f\"",
        _ => "\"\"",
    };

    private string FlowScalar() => _random.Next(5) switch
    {
        0 => "x y",
        1 => "'it''s'",
        2 => "/a/b",
        3 => "http://a:1/b",
        _ => "\"{id}, [x]\"",
    };

    private void Gap(int indent, bool isJson)
    {
        switch (_random.Next(4))
        {
            case 0:
                _text.Append(' ');
                break;
            case 1:
                if (!isJson && _random.Next(3) == 0) _text.Append(" # note ] } \" '");
                _text.Append('\n').Append(' ', indent + _random.Next(1, 6));
                break;
        }
    }

    private void Note(int indent)
    {
        if (_random.Next(6) == 0) _text.Append(' ', _random.Next(indent + 3)).Append("# note: \"x\n");
        if (_random.Next(8) == 0) _text.Append(' ', _random.Next(3)).Append('\n');
    }

    private void EndLine() => _text.Append(_random.Next(8) == 0 ? " # note: [x\n" : "\n");
}
