using System.Text;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// Cuts what a process writes into lines and passes them to the function's loop. Keeper's thread. A flood beyond what
/// the loop takes is dropped and counted: neither waits for the other.
/// </summary>
internal sealed class OutputLines(FunctionEnvironment environment)
{
    private readonly StringBuilder _line = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private int _underWay;

    public void Take(ReadOnlySpan<byte> bytes)
    {
        Span<char> chars = stackalloc char[1024];
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, 1024)];
            int count = _decoder.GetChars(piece, chars, flush: false);
            bytes = bytes[piece.Length..];
            TakeText(chars[..count]);
        }
        Post();
    }

    /// <summary>The last line had no end.</summary>
    public void Flush()
    {
        if (_line.Length > 0 && _line[^1] != '\n') _line.Append('\n');
        Post();
    }

    private void TakeText(ReadOnlySpan<char> text)
    {
        _line.Append(text);
        if (_line.Length >= LambdaLimits.LogLineBytes) Flush();
    }

    private void Post()
    {
        var function = environment.Function;
        string all = _line.ToString();
        int end = all.LastIndexOf('\n') + 1;
        if (end == 0) return;
        _line.Clear().Append(all, end, all.Length - end);
        if (Volatile.Read(ref _underWay) >= LambdaLimits.OutputPieces)
        {
            environment.Loop.Post(_ => function.Counters.DroppedOutputBytes += end, state: null);
            return;
        }
        Interlocked.Increment(ref _underWay);
        string lines = all[..end];
        environment.Loop.Post(
            _ =>
            {
                Interlocked.Decrement(ref _underWay);
                // A carriage return ends no line: programs write it in one.
                foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    environment.TakeLine(line + "\n");
            },
            state: null);
        function.Host.Tell(function, lines);
    }
}
