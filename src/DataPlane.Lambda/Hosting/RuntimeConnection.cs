using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;
using DataPlane.Http;
using DataPlane.Http.Bodies;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// A connection of an environment's process: the Runtime API of Lambda, version 2018-06-01, as its server. The answer
/// to one event and the question for the next may come in one piece; then the acknowledgement leaves with the next
/// event. Loop thread; 0 bytes allocated per event, but for streams.
/// </summary>
internal sealed class RuntimeConnection
{
    private static readonly HeadLimits s_limits =
        new(LambdaLimits.RuntimeHeadBytes, LambdaLimits.RuntimeHeadBytes, 100);

    private readonly FunctionEnvironment _environment;
    private readonly LoopConnection _transport;
    private readonly RequestHead _head = new();
    private readonly PayloadBuffer _trailer = new();
    private ChunkedDecoder _chunks;
    private RuntimeRequest _request;
    private AnswerStream? _stream;
    private Invocation? _invocation;
    private long _left;
    private bool _isChunked;
    private bool _isInBody;
    private bool _isTooLarge;
    private bool _waits;
    private bool _closes;
    private bool _isDropped;
    private bool _isSending;

    /// <summary>Answers taken and not acknowledged yet: that leaves with the next event, if it is asked for.</summary>
    private int _owed;

    public RuntimeConnection(FunctionEnvironment environment, LoopConnection transport)
    {
        _environment = environment;
        _transport = transport;
    }

    public void Begin() => _ = RunAsync();

    /// <summary>Ends the connection; nobody hears of it.</summary>
    public void Drop()
    {
        if (_isDropped) return;
        _isDropped = true;
        _transport.Reset();
    }

    /// <summary>Answers the open question. The event's bytes are used until the answer to it begins.</summary>
    public void SendEvent(Invocation invocation, long deadlineMs)
    {
        _waits = false;
        var payload = invocation.Event.Memory;
        var function = _environment.Function;
        byte[] arn = invocation.IsQualified ? function.QualifiedArn : function.Arn;
        Acknowledge();
        int bound = 512 + arn.Length + invocation.ClientContext.Length;
        bool isCopied = payload.Length <= LambdaLimits.CopiedEventBytes;
        var output = _transport.Transport.Output;
        var span = output.GetSpan(bound + (isCopied ? payload.Length : 0));
        int length = WriteHead(span, invocation, arn, deadlineMs, payload.Length);
        if (isCopied)
        {
            payload.Span.CopyTo(span[length..]);
            output.Advance(length + payload.Length);
            Flush();
            return;
        }
        output.Advance(length);
        _isSending = true;
        _ = SendLargeAsync(output, payload);
    }

    private static int WriteHead(Span<byte> span, Invocation invocation, byte[] arn, long deadlineMs, int length)
    {
        int at = 0;
        Put(span, ref at, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: "u8);
        Put(span, ref at, invocation.Id);
        Put(span, ref at, "\r\nLambda-Runtime-Deadline-Ms: "u8);
        PutNumber(span, ref at, deadlineMs);
        Put(span, ref at, "\r\nLambda-Runtime-Invoked-Function-Arn: "u8);
        Put(span, ref at, arn);
        if (!invocation.Trace.IsEmpty)
        {
            Put(span, ref at, "\r\nLambda-Runtime-Trace-Id: "u8);
            Put(span, ref at, invocation.Trace);
        }
        if (invocation.ClientContext.Length > 0)
        {
            Put(span, ref at, "\r\nLambda-Runtime-Client-Context: "u8);
            Put(span, ref at, invocation.ClientContext);
        }
        Put(span, ref at, "\r\nContent-Length: "u8);
        PutNumber(span, ref at, length);
        Put(span, ref at, "\r\n\r\n"u8);
        return at;
    }

    private async Task SendLargeAsync(PipeWriter output, ReadOnlyMemory<byte> payload)
    {
        await output.WriteAsync(payload);
        _isSending = false;
    }

    private static void Put(Span<byte> span, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(span[at..]);
        at += bytes.Length;
    }

    private static void PutNumber(Span<byte> span, ref int at, long number)
    {
        Utf8Formatter.TryFormat(number, span[at..], out int written);
        at += written;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<bool> RunAsync()
    {
        var input = _transport.Transport.Input;
        try
        {
            while (!_isDropped)
            {
                var result = await input.ReadAsync();
                var buffer = result.Buffer;
                bool goesOn = Take(ref buffer);
                if (_stream is not null && !_isDropped) await _stream.Output.FlushAsync();
                input.AdvanceTo(buffer.Start, buffer.End);
                if (!goesOn || result.IsCompleted) break;
                if (_waits) continue;
                Acknowledge();
                Flush();
            }
        }
        catch (Exception defect)
        {
            FunctionMessages.Defect(_environment.Function.Host.Logger, _environment.Function.Name, defect);
        }
        finally
        {
            _stream?.Complete("The runtime broke its answer off.");
            _stream = null;
            _environment.OnConnectionGone(this);
            if (!_isDropped)
            {
                Acknowledge();
                Flush();
                _transport.Close();
            }
            _isDropped = true;
            await _transport.DisposeAsync();
        }
        return true;
    }

    private void Acknowledge()
    {
        for (; _owed > 0; _owed--) Reply(RuntimeReplies.Accepted);
    }

    private void Flush()
    {
        var flush = _transport.FlushSoonAsync();
        if (!flush.IsCompleted) _ = flush.AsTask();
    }

    /// <summary>Consumes what is whole. False: the connection is to be closed.</summary>
    private bool Take(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty && !_isDropped)
        {
            if (_isInBody)
            {
                if (!TakeBody(ref buffer)) return false;
                if (_isInBody) return true;
                if (_closes) return false;
                continue;
            }
            // Nothing may follow an open question; should it come, it waits.
            if (_waits) return true;
            var span = buffer.IsSingleSegment ? buffer.FirstSpan : buffer.ToArray();
            var status = RequestHeadParser.Parse(span, _head, s_limits);
            if (status == ParseStatus.Incomplete) return true;
            if (status == ParseStatus.Invalid)
            {
                Reply(RuntimeReplies.BadRequest);
                return false;
            }
            int length = _head.HeadLength;
            BeginRequest(span[..length]);
            _head.Reset();
            buffer = buffer.Slice(length);
            if (!_isInBody && _closes && !_waits) return false;
        }
        return !_isDropped;
    }

    private void BeginRequest(ReadOnlySpan<byte> head)
    {
        _request = RuntimeRequests.Of(_head, head, out var id);
        _closes = !_head.KeepAlive;
        _isChunked = _head.Framing == BodyFraming.Chunked;
        _left = _head.ContentLength;
        _isTooLarge = false;
        _invocation = null;
        bool hasBody = _head.HasBody;
        if (_request is RuntimeRequest.Response or RuntimeRequest.Error)
        {
            if (_isSending)
            {
                // An answer to an event that was not read: the bytes of both would mix.
                Drop();
                return;
            }
            if (!_environment.TryAnswer(id, out _invocation))
            {
                _request = _environment.HasAnswered(id) ? RuntimeRequest.SecondAnswer : RuntimeRequest.WrongId;
            }
            else if (_head.TryFind(head, "Lambda-Runtime-Function-Response-Mode"u8, out var mode)
                && Ascii.EqualsIgnoreCase(mode.Value(head), "streaming"u8)
                && _request == RuntimeRequest.Response)
                BeginStream(head);
            else _invocation!.Answer.Clear();
        }
        if (_request == RuntimeRequest.InitError) _trailer.Clear();
        if (_isChunked) _chunks = new ChunkedDecoder(LambdaLimits.TrailerBytes, 16, 256);
        if (hasBody && _head.ExpectContinue)
        {
            Reply(RuntimeReplies.Continue);
            Flush();
        }
        _isInBody = hasBody;
        if (!hasBody) EndRequest();
    }

    private void BeginStream(ReadOnlySpan<byte> head)
    {
        string type = _head.TryFind(KnownHeader.ContentType, out var field)
            ? Encoding.Latin1.GetString(field.Value(head))
            : "application/octet-stream";
        _request = RuntimeRequest.Stream;
        _trailer.Clear();
        _stream = _environment.BeginStream(type);
    }

    /// <summary>False: its framing is wrong.</summary>
    private bool TakeBody(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var span = buffer.FirstSpan;
            if (!_isChunked)
            {
                int run = (int)Math.Min(span.Length, _left);
                Keep(span[..run]);
                _left -= run;
                buffer = buffer.Slice(run);
                if (_left > 0) continue;
                EndBody();
                return true;
            }
            var status = _chunks.Read(span, out int consumed, out var data);
            if (status == ChunkStatus.Invalid) return false;
            if (status == ChunkStatus.Data)
            {
                _trailer.Clear();
                Keep(span.Slice(data.Start, data.Length));
            }
            else if (_request == RuntimeRequest.Stream)
            {
                _trailer.Append(span[..consumed]);
            }
            buffer = buffer.Slice(consumed);
            if (status == ChunkStatus.End)
            {
                EndBody();
                return true;
            }
        }
        return true;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_request == RuntimeRequest.Stream)
        {
            _stream?.Output.Write(bytes);
            return;
        }
        var into = _request switch
        {
            RuntimeRequest.Response or RuntimeRequest.Error => StillMine(),
            RuntimeRequest.InitError => _trailer,
            _ => null,
        };
        if (into is null || _isTooLarge) return;
        _isTooLarge = into.Length + bytes.Length > LambdaLimits.PayloadBytes;
        if (!_isTooLarge) into.Append(bytes);
    }

    // A timeout may have taken the invocation away while its answer was coming.
    private PayloadBuffer? StillMine() =>
        ReferenceEquals(_environment.Current, _invocation) ? _invocation?.Answer : null;

    private void EndBody()
    {
        _isInBody = false;
        EndRequest();
    }

    private void EndRequest()
    {
        switch (_request)
        {
            case RuntimeRequest.Next:
                _waits = true;
                if (!_environment.TryAsk(this)) Drop();
                break;
            case RuntimeRequest.Response or RuntimeRequest.Error:
                EndAnswer();
                break;
            case RuntimeRequest.Stream:
                EndStream();
                break;
            case RuntimeRequest.InitError:
                Reply(RuntimeReplies.Accepted);
                Flush();
                _environment.OnInitError(_trailer.Span);
                break;
            default:
                Reply(RuntimeReplies.Of(_request));
                break;
        }
    }

    private void EndAnswer()
    {
        if (StillMine() is not { } answer)
        {
            Reply(RuntimeReplies.Of(RuntimeRequest.WrongId));
            return;
        }
        if (!_isTooLarge)
        {
            _owed++;
            _environment.OnAnswered(
                _request == RuntimeRequest.Error ? InvocationStatus.FunctionError : InvocationStatus.Answered);
            return;
        }
        Reply(RuntimeReplies.TooLarge);
        answer.Clear();
        answer.Append(RuntimeReplies.ResponseTooLarge);
        _environment.OnAnswered(InvocationStatus.FunctionError);
    }

    private void EndStream()
    {
        _owed++;
        bool failed = _trailer.Span.IndexOf("Lambda-Runtime-Function-Error-Type:"u8) >= 0;
        if (_stream is { } stream && _environment.Current is not null)
        {
            _environment.OnStreamed(failed);
            stream.Complete(failed ? "The function failed." : null);
        }
        _stream = null;
    }

    private void Reply(ReadOnlySpan<byte> reply) => _transport.Transport.Output.Write(reply);
}
