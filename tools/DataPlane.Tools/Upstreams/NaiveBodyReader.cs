using System.Globalization;

namespace DataPlane.Tools.Upstreams;

/// <summary>Hands out a request's body piece by piece, whichever way it is framed. For one request.</summary>
internal sealed class NaiveBodyReader
{
    private readonly NaiveByteReader _reader;
    private readonly bool _isChunked;
    private long _left;
    private bool _isDone;

    public NaiveBodyReader(NaiveByteReader reader, ReceivedRequest request)
    {
        _reader = reader;
        _isChunked = request.HasToken("Transfer-Encoding", "chunked");
        if (!_isChunked)
        {
            var length = request.Header("Content-Length");
            _ = long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out _left);
            _isDone = _left == 0;
        }
    }

    /// <summary>The length the head announced; null when the body is chunked.</summary>
    public long? AnnouncedLength => _isChunked ? null : _left;

    /// <summary>The next piece; empty at the end. <see cref="IOException"/> when the peer stops half way.</summary>
    public async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        if (_isDone)
            return [];
        if (_isChunked && _left == 0 && !await StartChunkAsync(cancellationToken))
            return [];
        var piece = await _reader.ReadSomeAsync(_left, cancellationToken);
        if (piece.Length == 0)
            throw new IOException("The body ended early.");
        _left -= piece.Length;
        if (_left == 0 && _isChunked)
            await LineAsync(cancellationToken);
        else if (_left == 0)
            _isDone = true;
        return piece;
    }

    public async Task<byte[]> ReadAllAsync(CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        while (await ReadAsync(cancellationToken) is { Length: > 0 } piece)
            body.Write(piece);
        return body.ToArray();
    }

    private async Task<bool> StartChunkAsync(CancellationToken cancellationToken)
    {
        var size = (await LineAsync(cancellationToken)).Split(';')[0].Trim();
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left))
            throw new IOException("A chunk size is not a number.");
        if (_left > 0)
            return true;
        while ((await LineAsync(cancellationToken)).Length > 0)
        {
        }

        _isDone = true;
        return false;
    }

    private async Task<string> LineAsync(CancellationToken cancellationToken) =>
        await _reader.ReadLineAsync(cancellationToken) ?? throw new IOException("The body ended early.");
}
