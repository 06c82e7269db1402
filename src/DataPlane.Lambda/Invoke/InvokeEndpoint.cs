using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Remote;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Lambda.Invoke;

/// <summary>
/// <c>POST /2015-03-31/functions/NAME/invocations</c> and its streaming sibling: Lambda's Invoke API with its answers
/// and errors. Any thread.
/// </summary>
internal sealed class InvokeEndpoint(FunctionHost host)
{
    private const string Latest = "$LATEST";

    private static readonly HashSet<string> s_relayed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Type", "Content-Length", "Retry-After", "X-Amz-Executed-Version", "X-Amz-Function-Error",
        "X-Amz-Log-Result", "x-amzn-ErrorType", "x-amzn-RequestId",
    };

    /// <summary>
    /// Without <paramref name="access"/> whoever may use the listener may invoke; with it, who signs the request.
    /// </summary>
    public async Task HandleAsync(HttpContext context, InvokePath path, InvokeAccess? access)
    {
        var request = context.Request;
        // An event may be larger than what operators otherwise send; the bound is looked at while it is read.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        var invocation = new Invocation(caller: null);
        bool fits = await TryReadBodyAsync(context, invocation.Event);
        if (access?.Refusal(context, invocation.Event.Span) is { } refusal)
        {
            await FailAsync(context, 403, refusal.Type, new InvokeError { Type = null, Text = refusal.Text });
            return;
        }
        var (name, qualifier) = Split(path.Function);
        qualifier = request.Query["Qualifier"] is [{ Length: > 0 } asked] ? asked : qualifier;
        bool isRemote = host.Remote.Current.ContainsKey(name);
        if ((!host.Functions.TryGetValue(name, out var function) && !isRemote) || qualifier is not (null or Latest))
        {
            string arn = $"{host.Identity.ArnOf(name)}:{qualifier ?? Latest}";
            await FailAsync(context, 404, "ResourceNotFoundException",
                new InvokeError { NotFound = $"Function not found: {arn}" });
            return;
        }
        string type = request.Headers["X-Amz-Invocation-Type"] is [{ Length: > 0 } typed] ? typed : "RequestResponse";
        if (type is not ("RequestResponse" or "DryRun") && (type != "Event" || path.IsStreaming))
        {
            await FailAsync(context, 400, "InvalidParameterValueException",
                new InvokeError { Text = $"Unknown invocation type: {type}" });
            return;
        }
        if (type == "DryRun")
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        invocation.IsQualified = qualifier is not null;
        if (!await TryReadAsync(context, invocation, fits)) return;
        if (function is null) await RelayAsync(context, name, invocation, type == "Event", path.IsStreaming);
        else if (type == "Event") await QueueAsync(context, function, invocation);
        else await RunAsync(context, function, invocation, path.IsStreaming);
    }

    /// <summary>Nothing that Lambda's API has, or that is answered here.</summary>
    public static Task UnknownAsync(HttpContext context) => FailAsync(
        context, 404, "UnknownOperationException", new InvokeError { Type = null, Text = "Unknown operation." });

    private static async Task RunAsync(
        HttpContext context, HostedFunction function, Invocation invocation, bool isStreaming)
    {
        function.Submit(invocation);
        await invocation.WaitAsync();
        if (await TryThrottleAsync(context, invocation)) return;
        if (isStreaming) await InvokeStream.SendAsync(context, invocation);
        else await AnswerAsync(context, invocation);
    }

    /// <summary>Somebody else runs it: the answer is theirs, errors included.</summary>
    private async Task RelayAsync(
        HttpContext context, string name, Invocation invocation, bool isEvent, bool isStreaming)
    {
        _ = int.TryParse(context.Request.Headers[RemoteCaller.HopsField], CultureInfo.InvariantCulture, out int hops);
        if (hops >= LambdaLimits.Hops)
        {
            await FailAsync(context, 400, "RecursiveInvocationException", new InvokeError
            {
                Text = $"The function was handed on {hops} times: its gateways name each other.",
            });
            return;
        }
        try
        {
            using var response = await host.Caller.SendAsync(name, invocation, isEvent, isStreaming, hops + 1);
            context.Response.StatusCode = (int)response.StatusCode;
            foreach (var (field, values) in response.Headers.Concat(response.Content.Headers))
            {
                if (s_relayed.Contains(field)) context.Response.Headers[field] = values.ToArray();
            }
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException
            && !context.Response.HasStarted)
        {
            await FailAsync(context, 500, "ServiceException", new InvokeError
            {
                Type = "Service",
                Text = $"The function could not be asked: {failure.Message}",
            });
        }
    }

    private async Task QueueAsync(HttpContext context, HostedFunction function, Invocation invocation)
    {
        host.Queue.Add(function, invocation);
        await invocation.WaitAsync();
        if (invocation.Status == InvocationStatus.Queued)
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        else if (invocation.Status == InvocationStatus.QueueFull)
            await ThrottleAsync(context, "ConcurrentInvocationLimitExceeded");
        else
            await FailAsync(context, 500, "ServiceException", new InvokeError
            {
                Type = "Service",
                Text = "The event could not be stored.",
            });
    }

    /// <summary>The function's name in NAME, NAME:QUALIFIER, an ARN or the ARN's end.</summary>
    private static (string Name, string? Qualifier) Split(string named)
    {
        const string Mark = "function:";
        int start = named.LastIndexOf(Mark, StringComparison.Ordinal);
        string rest = start < 0 ? named : named[(start + Mark.Length)..];
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (rest, null) : (rest[..colon], rest[(colon + 1)..]);
    }

    /// <summary>Reads the event and what the headers say; false when the caller has its error.</summary>
    private static async Task<bool> TryReadAsync(HttpContext context, Invocation invocation, bool fits)
    {
        var request = context.Request;
        if (!fits)
        {
            await FailAsync(context, 413, "RequestTooLargeException", new InvokeError
            {
                Text = "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
            });
            return false;
        }
        if (invocation.Event.Length == 0) invocation.Event.Append("{}"u8);
        if (InvokePayload.Problem(invocation.Event.Span) is { } problem)
        {
            await FailAsync(context, 400, "InvalidRequestContentException", new InvokeError { Text = problem });
            return false;
        }
        invocation.WantsTail = request.Headers["X-Amz-Log-Type"] == "Tail";
        if (request.Headers["X-Amzn-Trace-Id"] is [{ Length: > 0 } trace])
            invocation.SetTrace(Encoding.ASCII.GetBytes(trace));
        if (request.Headers["X-Amz-Client-Context"] is not [{ Length: > 0 } client]) return true;
        try
        {
            byte[] json = Convert.FromBase64String(client);
            // It becomes a header of the Runtime API, which has one line.
            invocation.ClientContext = json.AsSpan().IndexOfAny((byte)'\r', (byte)'\n') < 0 && json.Length <= 3583
                ? json
                : [];
            return true;
        }
        catch (FormatException)
        {
            await FailAsync(context, 400, "InvalidRequestContentException",
                new InvokeError { Text = "Client context must be base64 encoded" });
            return false;
        }
    }

    /// <summary>Reads to the end in any case, so that the caller comes to read the answer.</summary>
    private static async Task<bool> TryReadBodyAsync(HttpContext context, PayloadBuffer into)
    {
        bool fits = true;
        while (true)
        {
            var result = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
            fits &= into.Length + result.Buffer.Length <= LambdaLimits.PayloadBytes;
            if (fits)
            {
                foreach (var piece in result.Buffer) into.Append(piece.Span);
            }
            context.Request.BodyReader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return fits;
        }
    }

    private static async Task<bool> TryThrottleAsync(HttpContext context, Invocation invocation)
    {
        switch (invocation.Status)
        {
            case InvocationStatus.ReservedExceeded:
                await ThrottleAsync(context, "ReservedFunctionConcurrentInvocationLimitExceeded");
                return true;
            case InvocationStatus.QueueFull:
                await ThrottleAsync(context, "ConcurrentInvocationLimitExceeded");
                return true;
            default:
                return false;
        }
    }

    private static async Task AnswerAsync(HttpContext context, Invocation invocation)
    {
        bool failed = invocation.Status == InvocationStatus.FunctionError;
        if (invocation.Stream is { } stream)
        {
            invocation.Answer.Clear();
            failed = !await TryGatherAsync(stream, invocation.Answer);
        }
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.Headers["X-Amz-Executed-Version"] = Latest;
        if (failed) response.Headers["X-Amz-Function-Error"] = "Unhandled";
        if (invocation.WantsTail) response.Headers["X-Amz-Log-Result"] = Convert.ToBase64String(invocation.Tail);
        response.ContentLength = invocation.Answer.Length;
        await response.BodyWriter.WriteAsync(invocation.Answer.Memory, context.RequestAborted);
    }

    private static async Task<bool> TryGatherAsync(AnswerStream stream, PayloadBuffer into)
    {
        while (true)
        {
            var result = await stream.Input.ReadAsync();
            foreach (var piece in result.Buffer)
            {
                if (into.Length + piece.Length <= LambdaLimits.PayloadBytes) into.Append(piece.Span);
            }
            stream.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return stream.Fault is null;
        }
    }

    private static Task ThrottleAsync(HttpContext context, string reason)
    {
        context.Response.Headers.RetryAfter = "1";
        return FailAsync(context, 429, "TooManyRequestsException",
            new InvokeError { Reason = reason, Text = "Rate Exceeded." });
    }

    private static Task FailAsync(HttpContext context, int status, string type, InvokeError error)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers["x-amzn-ErrorType"] = type;
        return JsonSerializer.SerializeAsync(
            context.Response.Body, error, FunctionJson.Default.InvokeError, context.RequestAborted);
    }
}
