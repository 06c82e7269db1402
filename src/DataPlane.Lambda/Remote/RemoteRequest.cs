using System.Buffers.Text;
using System.Text;
using DataPlane.Gateway.Upstreams;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Signing;

namespace DataPlane.Lambda.Remote;

/// <summary>
/// Writes the head of an Invoke request, signed when there are credentials. One per loop; its thread; 0 bytes once it
/// has its size.
/// </summary>
internal sealed class RemoteRequest
{
    private readonly RequestSigner _signer = new();
    private readonly PayloadBuffer _head = new();

    /// <summary>The head's bytes, until the next one is written.</summary>
    public ReadOnlyMemory<byte> Write(
        RemoteFunction function, byte[] path, UpstreamEndpoint endpoint, Invocation invocation,
        SigningCredentials? credentials, bool isEvent, DateTimeOffset now)
    {
        _head.Truncate(0);
        _signer.Fields.Clear();
        _head.Append("POST "u8);
        _head.Append(path);
        if (function.Query.Length > 0)
        {
            _head.Append("?"u8);
            _head.Append(function.Query);
        }
        _head.Append(" HTTP/1.1\r\n"u8);
        Put("Host"u8, endpoint.AuthorityUtf8);
        Put("Content-Type"u8, "application/json"u8);
        if (isEvent) Put("X-Amz-Invocation-Type"u8, "Event"u8);
        // A streamed answer says it in its last message.
        if (function.Config.LogsToGateway || invocation.WantsTail) Put("X-Amz-Log-Type"u8, "Tail"u8);
        if (invocation.ClientContext.Length > 0)
            Put("X-Amz-Client-Context"u8, Encoding.ASCII.GetBytes(Convert.ToBase64String(invocation.ClientContext)));
        else if (function.ClientContext.Length > 0) Put("X-Amz-Client-Context"u8, function.ClientContext);
        if (credentials is not null) Sign(function, path, invocation, credentials, now);
        // Proxies on the way may change it, so that it is not signed.
        if (!invocation.Trace.IsEmpty) PutLine("X-Amzn-Trace-Id"u8, invocation.Trace);
        Span<byte> length = stackalloc byte[16];
        Utf8Formatter.TryFormat(invocation.Event.Length, length, out int digits);
        PutLine("Content-Length"u8, length[..digits]);
        _head.Append("\r\n"u8);
        return _head.Memory;
    }

    private void Sign(
        RemoteFunction function, byte[] path, Invocation invocation, SigningCredentials credentials,
        DateTimeOffset now)
    {
        Span<byte> time = stackalloc byte[SigningTime.Bytes];
        SigningTime.Write(now, time);
        Put("X-Amz-Date"u8, time);
        if (credentials.Token is not null) Put("X-Amz-Security-Token"u8, credentials.TokenUtf8);
        _signer.Fields.Sort();
        Span<byte> hash = stackalloc byte[PayloadDigest.Bytes];
        PayloadDigest.Write(invocation.Event.Span, hash);
        var request = new SignableRequest
        {
            Method = "POST"u8,
            Path = path,
            Query = function.Query,
            PayloadHash = hash,
        };
        Span<byte> signature = stackalloc byte[RequestSigner.SignatureBytes];
        var key = function.KeyOf(credentials, time[..SigningTime.DayBytes]);
        _signer.Sign(in request, time, key, signature);
        _head.Append("Authorization: "u8);
        _signer.AppendAuthorization(_head, credentials.AccessKeyUtf8, key, signature);
        _head.Append("\r\n"u8);
    }

    private void Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        PutLine(name, value);
        _signer.Fields.Add(name, value);
    }

    private void PutLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _head.Append(name);
        _head.Append(": "u8);
        _head.Append(value);
        _head.Append("\r\n"u8);
    }
}
