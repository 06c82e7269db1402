using System.Globalization;
using System.Text;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>
/// One end of a connection in the hands of a test: a client of the gateway, or an upstream that the test plays itself.
/// Sends bytes as they are and reads them without any knowledge of ours; every wait is bounded. One user at a time per
/// direction.
/// </summary>
internal abstract class RawPeer : IAsyncDisposable
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The other side broke the connection off; known once a read has come upon its end.</summary>
    public bool WasReset { get; protected set; }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => WriteAsync(bytes).WaitAsync(Eventually.Patience);

    /// <summary>Sends no more, but still reads.</summary>
    public abstract Task HalfCloseAsync();

    /// <summary>Breaks off, as a process does that dies.</summary>
    public abstract Task ResetAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Everything up to and including <paramref name="end"/>.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        byte[] mark = Encoding.Latin1.GetBytes(end);
        while (true)
        {
            int found = _buffer.AsSpan(_start, _end - _start).IndexOf(mark);
            if (found >= 0) return Take(found + mark.Length);
            if (!await FillAsync())
                throw new EndOfStreamException($"Ended{(WasReset ? " by a reset" : "")} after: {Take(_end - _start)}");
        }
    }

    public async Task<byte[]> ReadExactlyAsync(int count)
    {
        while (_end - _start < count)
        {
            if (await FillAsync()) continue;
            throw new EndOfStreamException($"{_end - _start} of {count} bytes, then {(WasReset ? "a reset" : "FIN")}.");
        }
        byte[] bytes = _buffer.AsSpan(_start, count).ToArray();
        _start += count;
        return bytes;
    }

    /// <summary>The bytes up to FIN or reset; <see cref="WasReset"/> says which.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (await FillAsync())
        {
        }
        return Take(_end - _start);
    }

    /// <summary>Some bytes, at least one; empty at the end.</summary>
    public async Task<byte[]> ReadSomeAsync(int atMost)
    {
        if (_end == _start) await FillAsync();
        return await ReadExactlyAsync(Math.Min(atMost, _end - _start));
    }

    public Task<string> ReadHeadAsync() => ReadUntilAsync("\r\n\r\n");

    /// <summary>A request: its head, and its body by the framing the head tells.</summary>
    public async Task<RawResponse> ReadRequestAsync()
    {
        var head = new RawResponse(await ReadHeadAsync(), []);
        return head with { Body = await ReadBodyAsync(head, untilClose: false) };
    }

    public async Task<RawResponse> ReadResponseAsync(bool toHead = false)
    {
        var head = new RawResponse(await ReadHeadAsync(), []);
        if (toHead || head.Status is < 200 or 204 or 304) return head;
        return head with { Body = await ReadBodyAsync(head, untilClose: true) };
    }

    /// <summary>A chunked body without its framing; trailers are a failure, since the gateway drops them.</summary>
    public async Task<byte[]> ReadChunksAsync()
    {
        using var body = new MemoryStream();
        while (true)
        {
            string size = (await ReadUntilAsync("\r\n"))[..^2];
            Assert.True(size.Length > 0 && size.All(char.IsAsciiHexDigit), $"chunk size '{size}'");
            int length = int.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            body.Write(await ReadExactlyAsync(length));
            Assert.Equal("\r\n"u8.ToArray(), await ReadExactlyAsync(2));
            if (length == 0) return body.ToArray();
        }
    }

    protected abstract Task WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>0 at the end, whichever it is.</summary>
    protected abstract Task<int> ReceiveAsync(Memory<byte> destination);

    private async Task<byte[]> ReadBodyAsync(RawResponse head, bool untilClose)
    {
        if (head.Field("Transfer-Encoding") is not null) return await ReadChunksAsync();
        if (head.Field("Content-Length") is { } length)
            return await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture));
        return untilClose ? Encoding.Latin1.GetBytes(await ReadToEndAsync()) : [];
    }

    private async Task<bool> FillAsync()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _end * 2);
        int received = await ReceiveAsync(_buffer.AsMemory(_end)).WaitAsync(Eventually.Patience);
        _end += received;
        return received > 0;
    }

    private string Take(int count)
    {
        string text = Encoding.Latin1.GetString(_buffer, _start, count);
        _start += count;
        return text;
    }
}
