using System.Text;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

/// <summary>Keeps what is written, fails or blocks when told to.</summary>
internal sealed class FakeLogOutput : ILogOutput
{
    private readonly StringBuilder _text = new();

    public ManualResetEventSlim Open { get; } = new(initialState: true);

    public ManualResetEventSlim Entered { get; } = new();

    public volatile bool Fails;

    public int Reopened { get; private set; }

    public bool IsDisposed { get; private set; }

    public string Text
    {
        get
        {
            lock (_text) return _text.ToString();
        }
    }

    public int Write(ReadOnlySpan<byte> lines, out LogLoss loss)
    {
        loss = LogLoss.None;
        Entered.Set();
        Open.Wait();
        if (Fails) throw new IOException("no space left on device");
        lock (_text) _text.Append(Encoding.UTF8.GetString(lines));
        return lines.Count((byte)'\n');
    }

    public void Reopen() => Reopened++;

    public void Dispose() => IsDisposed = true;
}
