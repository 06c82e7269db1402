using System.Collections.Concurrent;

namespace DataPlane.Gateway.Recording.Messages;

/// <summary>
/// A bounded queue and the thread that empties it into a stream. Put: any thread, never waits; a line that does not fit
/// is counted.
/// </summary>
internal sealed class MessageWriter : IDisposable
{
    private readonly ConcurrentQueue<byte[]> _queue = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Stream _stream;
    private readonly Action _eachRound;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private int _queued;
    private long _written;
    private long _dropped;

    /// <summary><paramref name="eachRound"/> is called on the thread at least once a second.</summary>
    public MessageWriter(Stream stream, Action eachRound)
    {
        _stream = stream;
        _eachRound = eachRound;
        _thread = new Thread(Run) { IsBackground = true, Name = "gateway-log" };
        _thread.Start();
    }

    public long Written => Volatile.Read(ref _written);

    public long Dropped => Volatile.Read(ref _dropped);

    public void Put(byte[] line)
    {
        if (Interlocked.Increment(ref _queued) > RecordingLimits.QueuedMessages)
        {
            Interlocked.Decrement(ref _queued);
            Interlocked.Increment(ref _dropped);
            return;
        }
        _queue.Enqueue(line);
        if (!_stopping) _wake.Set();
    }

    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        _wake.Set();
        // The event stays: a logger may be used after this, by whoever stops last.
        if (_thread.Join(RecordingLimits.WriterStop)) _stream.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            _wake.WaitOne(RecordingLimits.MessagePoll);
            _eachRound();
            WriteAll();
        }
        WriteAll();
    }

    private void WriteAll()
    {
        while (_queue.TryDequeue(out byte[]? line))
        {
            Interlocked.Decrement(ref _queued);
            try
            {
                _stream.Write(line);
                _stream.Flush();
                Volatile.Write(ref _written, _written + 1);
            }
            catch (Exception error) when (LogLosses.IsOutputError(error))
            {
                Interlocked.Increment(ref _dropped);
            }
        }
    }
}
