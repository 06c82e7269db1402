using System.Text;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>Room for one failed exchange, written again and again: 0 bytes. Loop thread.</summary>
internal sealed class ErrorSlot
{
    private readonly byte[] _requestId = new byte[RecordingLimits.ErrorNameBytes];
    private readonly byte[] _client = new byte[RecordingLimits.ErrorNameBytes];
    private readonly byte[] _method = new byte[RecordingLimits.ErrorNameBytes];
    private readonly byte[] _path = new byte[RecordingLimits.ErrorPathBytes];
    private readonly byte[] _route = new byte[RecordingLimits.ErrorPathBytes];
    private readonly byte[] _upstream = new byte[RecordingLimits.ErrorNameBytes];
    private readonly byte[] _endpoint = new byte[RecordingLimits.ErrorPathBytes];
    private readonly byte[] _outcome = new byte[RecordingLimits.ErrorNameBytes];
    private readonly byte[] _side = new byte[RecordingLimits.ErrorNameBytes];
    private long _startTimestamp;
    private long _totalTicks;
    private int _status;

    public void Fill(in ErrorFields fields)
    {
        _startTimestamp = fields.StartTimestamp;
        _totalTicks = fields.TotalTicks;
        _status = fields.StatusCode;
        Keep(_requestId, fields.RequestId);
        Keep(_client, fields.ClientAddress);
        Keep(_method, fields.Method);
        Keep(_path, fields.Path);
        Keep(_route, fields.Route);
        Keep(_upstream, fields.Upstream);
        Keep(_endpoint, fields.Endpoint);
        Keep(_outcome, ErrorTable.Of(fields.Outcome).LabelUtf8);
        Keep(_side, FaultSides.LabelOf(ErrorTable.Of(fields.Outcome).Side));
    }

    public ErrorView Read(TimeProvider time) => new(
        time.GetUtcNow() - time.GetElapsedTime(_startTimestamp),
        Text(_requestId) ?? "",
        Text(_client) ?? "",
        Text(_method),
        Text(_path),
        Text(_route),
        Text(_upstream),
        Text(_endpoint),
        _status,
        Text(_outcome) ?? "",
        Text(_side) ?? "",
        _totalTicks / (double)time.TimestampFrequency);

    /// <summary>The beginning, ended by a zero, which none of the texts contains.</summary>
    private static void Keep(byte[] room, ReadOnlySpan<byte> text)
    {
        int length = Math.Min(text.Length, room.Length - 1);
        text[..length].CopyTo(room);
        room[length] = 0;
    }

    private static string? Text(byte[] room)
    {
        int length = room.AsSpan().IndexOf((byte)0);
        return length == 0 ? null : Encoding.UTF8.GetString(room, 0, length);
    }
}
