using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Remote;

namespace DataPlane.Lambda.Queue;

/// <summary>
/// Takes entries to upstreams, to functions that somebody else runs, and to files. Any thread; allocates.
/// </summary>
internal sealed class DestinationSender(EndpointClients clients, RemoteCaller caller)
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(30);

    /// <summary>Null when it was taken, or why it was not.</summary>
    public async Task<string?> SendAsync(QueueEntry entry, QueueContent content)
    {
        try
        {
            if (entry.Kind == QueueKind.Call) return await CallAsync(entry, content);
            if (entry.Kind == QueueKind.Post) return await PostAsync(entry, content);
            await using var file = new FileStream(
                entry.Target, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            // One write: a reader never sees half a line, unless the disk is full.
            await file.WriteAsync((byte[])[.. content.Payload, (byte)'\n']);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException
            or OperationCanceledException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return failure is OperationCanceledException ? "no answer in time" : failure.Message;
        }
    }

    /// <summary>The service keeps the event, and tries again when the function fails.</summary>
    private async Task<string?> CallAsync(QueueEntry entry, QueueContent content)
    {
        var invocation = new Invocation(caller: null);
        invocation.SetTrace(Encoding.ASCII.GetBytes(content.Trace));
        invocation.Event.Append(content.Payload);
        using var response = await caller.SendAsync(entry.Target, invocation, isEvent: true, isStreaming: false);
        return response.IsSuccessStatusCode ? null : $"it answered {(int)response.StatusCode}";
    }

    private async Task<string?> PostAsync(QueueEntry entry, QueueContent content)
    {
        if (clients.Find(entry.Target, out var endpoint, out bool isHttp2) is not { } client)
            return $"there is no endpoint of upstream {entry.Target}";
        string[] lines = content.Note.Split('\n');
        string scheme = endpoint!.Tls is null ? "http" : "https";
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{scheme}://{Encoding.ASCII.GetString(endpoint.AuthorityUtf8)}{lines[0]}")
        {
            Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(content.Payload),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(line[..colon], line[(colon + 1)..]);
        }
        using var late = new CancellationTokenSource(s_answer);
        using var response = await client.SendAsync(request, late.Token);
        return response.IsSuccessStatusCode ? null : $"it answered {(int)response.StatusCode}";
    }
}
