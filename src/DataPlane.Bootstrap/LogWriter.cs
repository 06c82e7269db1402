using System.Text;

namespace DataPlane.Bootstrap;

/// <summary>A console whose lines become messages of the log. Any thread.</summary>
internal sealed class LogWriter(HandlerLog log, string level) : TextWriter
{
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_line)
        {
            while (buffer.IndexOf('\n') is var end and >= 0)
            {
                End(buffer[..end].TrimEnd('\r'));
                buffer = buffer[(end + 1)..];
            }
            _line.Append(buffer);
        }
    }

    /// <summary>Line feeds inside do not end the message.</summary>
    public override void WriteLine(string? value)
    {
        lock (_line) End(value);
    }

    private void End(ReadOnlySpan<char> rest)
    {
        string message = _line.Append(rest).ToString();
        _line.Clear();
        log.Write(level, message);
    }
}
